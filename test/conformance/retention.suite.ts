import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSubject, refuses } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;
let StreamName: string;

before(async () => {
  StreamName = await subject.stream();
});

function increase(RetentionPeriodHours: number) {
  return kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours });
}

function decrease(RetentionPeriodHours: number) {
  return kinesis.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours });
}

async function retention(): Promise<number | undefined> {
  await subject.active(StreamName);
  return (await subject.summary(StreamName)).RetentionPeriodHours;
}

test('retention can be raised and lowered between a day and a year, and is returned', async () => {
  await increase(48);
  assert.equal(await retention(), 48);
  await decrease(24);
  assert.equal(await retention(), 24);
});

test('less than a day and more than a year are refused', async () => {
  await refuses(
    increase(23),
    'InvalidArgumentException',
    'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
  );
  await refuses(
    increase(8761),
    'InvalidArgumentException',
    'Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.',
  );
});

test('an increase cannot lower it, nor a decrease raise it; the same value is accepted', async () => {
  await increase(72);
  assert.equal(await retention(), 72);
  await refuses(
    increase(48),
    'InvalidArgumentException',
    `Requested retention period (48 hours) for stream ${StreamName} can not be shorter than existing retention ` +
      'period (72 hours). Use DecreaseRetentionPeriod API.',
  );
  await refuses(
    decrease(96),
    'InvalidArgumentException',
    `Requested retention period (96 hours) for stream ${StreamName} can not be longer than existing retention ` +
      'period (72 hours). Use IncreaseRetentionPeriod API.',
  );
  await increase(72);
  assert.equal(await retention(), 72);
});

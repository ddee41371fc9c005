import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseMemoryBudget, ResponseReservation } from '../../src/http/response-memory-budget.ts';

const bounds = { bytesMax: 1000, hardBytesMax: 1500, smallBytes: 50, stallMs: 0, writeMs: 60_000 };

test('the fuller the budget, the less is granted, but always enough to make progress', () => {
  const budget = new ResponseMemoryBudget({ ...bounds, stallMs: Infinity });
  const reservations = Array.from({ length: 12 }, () => new ResponseReservation(budget));
  const granted = reservations.map((reservation) => reservation.grant(400));
  assert.deepEqual(granted, [400, 300, 150, 75, 50, 50, 50, 50, 50, 50, 50, 50]);
  assert.equal(budget.bytes, 1325);
  reservations[0]?.free();
  reservations[0]?.free();
  assert.equal(budget.bytes, 925);
  // What was granted before is given back.
  assert.equal(reservations[1]?.grant(400), 187);
  for (const reservation of reservations) reservation.free();
  assert.equal(budget.bytes, 0);
});

test('finished responses count with their own size; large ones are refused when the budget is exhausted', () => {
  const budget = new ResponseMemoryBudget({ ...bounds, stallMs: Infinity });
  const [first, second, third] = [0, 1, 2].map(() => new ResponseReservation(budget));
  first?.grant(400);
  assert.equal(first?.admit(900), true);
  assert.equal(second?.admit(601), false);
  assert.equal(second?.admit(600), true);
  assert.equal(third?.admit(51), false);
  assert.equal(third?.admit(50), true);
  assert.equal(budget.bytes, 1550);
});

test('an expected response is admitted, and nothing can be expected when the budget is exhausted', () => {
  const budget = new ResponseMemoryBudget({ ...bounds, stallMs: Infinity });
  const [invocation, other, late] = [0, 1, 2].map(() => new ResponseReservation(budget));
  assert.equal(invocation?.expect(600), true);
  assert.equal(budget.bytes, 0);
  assert.equal(other?.admit(1500), true);
  assert.equal(late?.expect(600), false);
  assert.equal(late?.admit(600), false);
  assert.equal(invocation?.admit(600), true);
});

test('stalled clients are cut off for others, longest stalled first, and no more than necessary', () => {
  const budget = new ResponseMemoryBudget(bounds);
  const cut: string[] = [];
  const stalled = (name: string, bytes: number) => {
    const reservation = new ResponseReservation(budget);
    reservation.raise(bytes);
    return reservation.stall(() => cut.push(name));
  };
  stalled('a', 400);
  const goOn = stalled('b', 400);
  stalled('c', 100);
  const next = new ResponseReservation(budget);
  next.admit(100);
  assert.deepEqual(cut, []);
  goOn();
  next.admit(500);
  assert.deepEqual(cut, ['a']);
  next.admit(600);
  assert.deepEqual(cut, ['a', 'c']);
  assert.equal(budget.bytes, 1000);
});

test('a client that stalls too long is cut off although there is memory', () => {
  const budget = new ResponseMemoryBudget({ ...bounds, writeMs: 0 });
  const reservation = new ResponseReservation(budget);
  reservation.raise(10);
  let cut = 0;
  reservation.stall(() => cut++);
  budget.checkDeadlines();
  budget.checkDeadlines();
  assert.equal(cut, 1);
  assert.equal(budget.bytes, 0);
});

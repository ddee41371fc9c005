import { needsNothing, unlimited } from '../../support/unlimited.ts';
import { Targets } from '../../../src/aws/targets.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { QueueRow } from '../../../src/queue/durable-queue.ts';
import { ServiceError } from '../../../src/errors.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { applyDeclared } from '../../support/declarations.ts';
import { openSns, type Sns } from '../../../src/services/sns/sns.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:news';

interface Opened {
  readonly sns: Sns;
  readonly engine: Engine;
  readonly metrics: MetricRegistry;
  readonly folder: string;
  readonly close: () => Promise<void>;
}

async function open(
  invoke: (functionArn: string, event: object) => Promise<void>,
  options: { readonly folder?: string; readonly httpTimeoutMs?: number } = {},
): Promise<Opened> {
  const folder = options.folder ?? (await temporaryFolder());
  const metrics = new MetricRegistry();
  const targets = new Targets(unlimited);
  targets.register('lambda', {
    accepts: () => true,
    needs: needsNothing,
    deliver: (arn, { message }) => invoke(arn, JSON.parse(message) as object),
  });
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const sns = await openSns({
    engine,
    clock: systemClock,
    metrics,
    targets,
    endpoint: () => 'http://127.0.0.1:4566',
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
    ...(options.httpTimeoutMs === undefined ? {} : { httpTimeoutMs: options.httpTimeoutMs }),
  });
  sns.start();
  return {
    sns,
    engine,
    metrics,
    folder,
    async close() {
      await sns.close();
      await engine.close();
    },
  };
}

/** Calls that were made, and a promise for each number of them. */
class Calls<Call> {
  readonly all: Call[] = [];
  #waiting: (() => void)[] = [];

  add(call: Call): void {
    this.all.push(call);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async until(count: number): Promise<readonly Call[]> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.all;
  }
}

test("a function is subscribed immediately, and gets AWS's event", async () => {
  const calls = new Calls<{ functionArn: string; event: object }>();
  const { sns, close } = await open(async (functionArn, event) => {
    await Promise.resolve();
    calls.add({ functionArn, event });
  });
  await applyDeclared(sns.declarer, {
    topics: { news: { subscriptions: [{ protocol: 'lambda', endpoint: 'reader' }] } },
  });
  await sns.publish(TOPIC, {
    subject: 'greeting',
    message: 'hello',
    attributes: { ErrorCode: { type: 'Number', value: '200' } },
  });
  const [call] = await calls.until(1);
  assert.equal(call?.functionArn, 'arn:aws:lambda:us-east-1:000000000000:function:reader');
  // The members are what this test is about.
  const { Records } = call.event as { Records: Record<string, unknown>[] };
  const { Sns, ...record } = Records[0] ?? {};
  assert.deepEqual(Object.keys(record).toSorted(), ['EventSource', 'EventSubscriptionArn', 'EventVersion']);
  const { MessageId, Timestamp, Signature, SigningCertUrl, UnsubscribeUrl, ...rest } = Sns as Record<
    string,
    string
  >;
  assert.ok(
    [MessageId, Timestamp, Signature, SigningCertUrl, UnsubscribeUrl].every((member) => member !== undefined),
  );
  assert.deepEqual(rest, {
    Type: 'Notification',
    TopicArn: TOPIC,
    Subject: 'greeting',
    Message: 'hello',
    SignatureVersion: '1',
    MessageAttributes: { ErrorCode: { Type: 'Number', Value: '200' } },
  });
  await close();
});

test('an alarm that names the topic in another region uses the local one', async () => {
  // The write-up's command has the ARN of its author's region in it; the server was started with another.
  const calls = new Calls<string>();
  const { sns, close } = await open(async (functionArn) => {
    await Promise.resolve();
    calls.add(functionArn);
  });
  await applyDeclared(sns.declarer, {
    topics: { news: { subscriptions: [{ protocol: 'lambda', endpoint: 'reader' }] } },
  });
  await sns.publish('arn:aws:sns:ap-northeast-1:000000000000:news', { subject: 's', message: 'm' });
  await calls.until(1);
  await assert.rejects(
    sns.publish('arn:aws:sns:ap-northeast-1:000000000000:olds', { subject: 's', message: 'm' }),
    /Topic does not exist/,
  );
  await close();
});

test('declaring a topic again adds nothing', async () => {
  const calls = new Calls<string>();
  const { sns, close } = await open(async (functionArn) => {
    await Promise.resolve();
    calls.add(functionArn);
  });
  const declaration = { subscriptions: [{ protocol: 'lambda', endpoint: 'reader' }] };
  for (let start = 0; start < 3; start++)
    await applyDeclared(sns.declarer, { topics: { news: declaration } });
  await sns.publish(TOPIC, { subject: 's', message: 'first' });
  await sns.publish(TOPIC, { subject: 's', message: 'second' });
  assert.equal((await calls.until(2)).length, 2);
  await close();
});

test('an event that Lambda refused because it was busy is delivered again', async () => {
  const calls = new Calls<string>();
  let refusals = 2;
  const { sns, close } = await open(async (functionArn) => {
    await Promise.resolve();
    if (refusals-- > 0) throw new ServiceError('TooManyRequestsException', 'Rate exceeded', 429);
    calls.add(functionArn);
  });
  await applyDeclared(sns.declarer, {
    topics: { news: { subscriptions: [{ protocol: 'lambda', endpoint: 'reader' }] } },
  });
  await sns.publish(TOPIC, { subject: 's', message: 'm' });
  await calls.until(1);
  await close();
});

test('a message whose delivery was interrupted by a shutdown is delivered after the next start', async () => {
  const first = await open(() => Promise.reject(new Error('not now')));
  await applyDeclared(first.sns.declarer, {
    topics: { news: { subscriptions: [{ protocol: 'lambda', endpoint: 'reader' }] } },
  });
  await first.sns.publish(TOPIC, { subject: 's', message: 'm' });
  await first.close();
  const calls = new Calls<object>();
  const second = await open(
    async (_functionArn, event) => {
      await Promise.resolve();
      calls.add(event);
    },
    { folder: first.folder },
  );
  await calls.until(1);
  await second.close();
});

test('a missing function is a final failure, which is counted', async () => {
  const calls = new Calls<string>();
  const { sns, metrics, engine, close } = await open(async (functionArn) => {
    await Promise.resolve();
    calls.add(functionArn);
    throw new ServiceError('ResourceNotFoundException', 'Function not found', 404);
  });
  await applyDeclared(sns.declarer, {
    topics: { news: { subscriptions: [{ protocol: 'lambda', endpoint: 'nobody' }] } },
  });
  await sns.publish(TOPIC, { subject: 's', message: 'm' });
  await calls.until(1);
  const queues = engine.catalog.table<QueueRow>('queue.queues');
  while (queues.get('sns.deliveries')?.waiting !== 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const counted = [...metrics].map(({ identity, sum }) => [identity.name, sum]);
  assert.deepEqual(Object.fromEntries(counted), {
    NumberOfMessagesPublished: 1,
    PublishSize: 1,
    NumberOfNotificationsFailed: 1,
  });
  await close();
});

test('an endpoint that never responds does not delay others', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const calls = new Calls<string>();
  const { sns, close } = await open(
    async (functionArn) => {
      await Promise.resolve();
      calls.add(functionArn);
    },
    { httpTimeoutMs: 60_000 },
  );
  // It listens on a port.
  const { port } = silent.address() as AddressInfo;
  await applyDeclared(sns.declarer, {
    topics: {
      news: {
        subscriptions: [
          { protocol: 'http', endpoint: `http://127.0.0.1:${port}/` },
          { protocol: 'lambda', endpoint: 'reader' },
        ],
      },
    },
  });
  for (let message = 0; message < 50; message++) await sns.publish(TOPIC, { subject: 's', message: 'm' });
  await calls.until(50);
  await close();
  silent.closeAllConnections();
  silent.close();
});

test('delivered messages are removed from disk', async () => {
  const calls = new Calls<string>();
  const { sns, engine, close } = await open(async (functionArn) => {
    await Promise.resolve();
    calls.add(functionArn);
  });
  await applyDeclared(sns.declarer, {
    topics: { news: { subscriptions: [{ protocol: 'lambda', endpoint: 'reader' }] } },
  });
  const publish = () => sns.publish(TOPIC, { subject: 's', message: 'm' });
  await Promise.all(Array.from({ length: 300 }, publish));
  await calls.until(300);
  const queue = engine.catalog.table<QueueRow>('queue.queues').get('sns.deliveries');
  assert.ok(queue !== undefined);
  // When it looks after 256 deliveries, one of the first may still be under way: it looks again after as many more.
  await until(async () => {
    await publish();
    return engine.bounds(queue.log).firstIndex > 0;
  });
  await close();
});

import { unlimited } from '../support/unlimited.ts';
import { principal } from '../support/admission.ts';
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { RegisterStreamConsumerOutput } from '@aws-sdk/client-kinesis';
import type { ShardBatch } from '../../src/consumers/batch.ts';
import { KeyedLock } from '../../src/support/keyed-lock.ts';
import { CatalogCheckpoints, startingPositions } from '../../src/consumers/checkpoints.ts';
import { StreamConsumer } from '../../src/consumers/stream-consumer.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { openKinesis } from '../../src/services/kinesis/kinesis.ts';
import { MetricRegistry } from '../../src/metrics.ts';
import type { CallContext } from '../../src/protocol/service.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const common = { clock: systemClock, log: silentLog };

/** Streams as they are kept, opened again by `restart`. */
async function setup(t: TestContext) {
  const folder = await temporaryFolder();
  const open = async () => {
    const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), ...common });
    const place = { region: 'us-east-1', accountId: '000000000000', folder };
    const kinesis = await openKinesis({
      acting: unlimited,
      engine,
      metrics: new MetricRegistry(),
      ...place,
      ...common,
    });
    return { engine, kinesis };
  };
  let opened = await open();
  const consumers = new Set<StreamConsumer>();
  const close = async () => {
    await Promise.all([...consumers].map((consumer) => consumer.close()));
    await opened.kinesis.close();
    await opened.engine.close();
  };
  t.after(async () => {
    await close();
    await rm(folder, { recursive: true });
  });
  return {
    get source() {
      return opened.kinesis.source;
    },
    get positions() {
      return new CatalogCheckpoints(opened.engine.catalog, 'test');
    },
    async call(name: string, input: object): Promise<unknown> {
      const operation = opened.kinesis.service.operation(name);
      assert.ok(typeof operation === 'function', `${name} is there`);
      const call: Omit<CallContext, 'http'> = {
        requestId: 'r',
        invocationId: undefined,
        region: 'us-east-1',
        accountId: '000000000000',
        signal: new AbortController().signal,
        principal,
        refusalOf: () => undefined,
        verifyForm: () => Promise.resolve(),
      };
      // The dispatcher's part is played: the inputs below are what it would give, and none asks for the request.
      return await operation(input as never, call as CallContext);
    },
    async put(...texts: string[]): Promise<void> {
      const records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text.split('=')[0] }));
      await this.call('PutRecords', { StreamName: 's', Records: records });
    },
    consume(handle: (batch: ShardBatch) => Promise<void>, recordsMax = 100): StreamConsumer {
      const consumer = new StreamConsumer({
        name: 'test',
        stream: 's',
        source: this.source,
        positions: this.positions,
        shardLocks: new KeyedLock(),
        batch: { recordsMax, bytesMax: 1_000_000 },
        handle,
        ...common,
      });
      consumers.add(consumer);
      consumer.start();
      return consumer;
    },
    async restart() {
      await close();
      consumers.clear();
      opened = await open();
    },
  };
}

const texts = (batch: ShardBatch): string[] => batch.records.map(({ data }) => Buffer.from(data).toString());

describe('a consumer of a durable stream', () => {
  test('gets each record once and in order, through 4 shards and restarts', async (t) => {
    const streams = await setup(t);
    await streams.call('CreateStream', { StreamName: 's', ShardCount: 4 });
    const seen: string[] = [];
    for (let life = 0; life < 3; life++) {
      streams.consume(async (batch) => void seen.push(...texts(batch)), 10);
      for (let round = 0; round < 5; round++) {
        const first = life * 5 + round;
        await streams.put(...Array.from({ length: 20 }, (_, key) => `k${key}=${first}`));
      }
      await until(() => seen.length === (life + 1) * 100);
      await streams.restart();
    }
    for (let key = 0; key < 20; key++) {
      const of = seen.filter((text) => text.startsWith(`k${key}=`));
      assert.deepEqual(
        of,
        Array.from({ length: 15 }, (_, round) => `k${key}=${round}`),
      );
    }
  });

  test('gets unfinished records again after the server was stopped', async (t) => {
    const streams = await setup(t);
    await streams.call('CreateStream', { StreamName: 's', ShardCount: 1 });
    await streams.put('a', 'b', 'c');
    let begun = false;
    streams.consume(async (batch) => {
      await batch.checkpoint(1);
      begun = true;
      throw new Error('the end');
    });
    await until(() => begun);
    await streams.restart();
    const seen: string[] = [];
    streams.consume(async (batch) => void seen.push(...texts(batch)));
    await until(() => seen.length > 0);
    assert.equal(seen.at(-1), 'c');
    assert.ok(!seen.includes('a'), 'handled records are not delivered again');
  });

  test('starts at LATEST as of its creation, even if nothing had been put', async (t) => {
    const streams = await setup(t);
    await streams.call('CreateStream', { StreamName: 's', ShardCount: 2 });
    const stream = streams.source.describe('s');
    assert.ok(stream !== undefined);
    const positions = await startingPositions(streams.source, stream, { type: 'LATEST' });
    for (const [shardId, position] of positions) await streams.positions.save(stream, shardId, position);
    await streams.put('a=1', 'b=1', 'c=1', 'd=1');
    await streams.restart();
    await streams.put('a=2', 'b=2', 'c=2', 'd=2');
    const seen: string[] = [];
    streams.consume(async (batch) => void seen.push(...texts(batch)));
    await until(() => seen.length === 8);
    assert.deepEqual(new Set(seen).size, 8);
  });

  test('reads a stream created again under the name from its beginning', async (t) => {
    const streams = await setup(t);
    const seen: string[] = [];
    streams.consume(async (batch) => void seen.push(...texts(batch)));
    for (let life = 0; life < 3; life++) {
      await streams.call('CreateStream', { StreamName: 's', ShardCount: 1 });
      await streams.put(`${life}`);
      await until(() => seen.length === life + 1);
      await streams.call('DeleteStream', { StreamName: 's' });
      await until(() => streams.source.describe('s') === undefined);
    }
    assert.deepEqual(seen, ['0', '1', '2']);
  });

  test('finds a stream by the ARN of a registered consumer, until that is deregistered', async (t) => {
    const streams = await setup(t);
    await streams.call('CreateStream', { StreamName: 's', ShardCount: 1 });
    const stream = streams.source.describe('s');
    assert.ok(stream !== undefined);
    const { arn } = stream;
    const answer = await streams.call('RegisterStreamConsumer', { StreamARN: arn, ConsumerName: 'c' });
    // The operation's answer, as the API has it.
    const { Consumer: consumer } = answer as RegisterStreamConsumerOutput;
    assert.ok(consumer?.ConsumerARN !== undefined);
    assert.deepEqual(streams.source.describe(consumer.ConsumerARN), stream);
    assert.equal(streams.source.describe(`${arn}/consumer/c:1`), undefined);
    await streams.call('DeregisterStreamConsumer', { StreamARN: arn, ConsumerName: 'c' });
    assert.equal(streams.source.describe(consumer.ConsumerARN), undefined);
  });

  test('follows splits and merges during puts, each key in order', async (t) => {
    const streams = await setup(t);
    await streams.call('CreateStream', { StreamName: 's', ShardCount: 1 });
    const seen: string[] = [];
    streams.consume(async (batch) => void seen.push(...texts(batch)), 3);
    const keys = Array.from({ length: 10 }, (_, key) => `k${key}`);
    const open = () => (streams.source.describe('s')?.shards ?? []).filter(({ closed }) => !closed);
    for (let round = 0; round < 12; round++) {
      await streams.put(...keys.map((key) => `${key}=${round}`));
      const [first, second] = open();
      assert.ok(first !== undefined);
      if (round % 4 === 1) {
        const middle = (first.startingHashKey + first.endingHashKey) / 2n;
        await streams.call('SplitShard', {
          StreamName: 's',
          ShardToSplit: first.shardId,
          NewStartingHashKey: String(middle),
        });
      } else if (round % 4 === 3 && second !== undefined) {
        await streams.call('MergeShards', {
          StreamName: 's',
          ShardToMerge: first.shardId,
          AdjacentShardToMerge: second.shardId,
        });
      }
    }
    await until(() => seen.length >= keys.length * 12);
    for (const key of keys) {
      const of = seen.filter((text) => text.startsWith(`${key}=`));
      assert.deepEqual(
        of,
        Array.from({ length: 12 }, (_, round) => `${key}=${round}`),
      );
    }
  });
});

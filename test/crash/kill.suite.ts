import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { verifyEngine } from '../../src/engine/embedded/verify.ts';
import { clientOptions } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { spawnServer } from '../support/server-process.ts';
import { readShards } from './read-shards.ts';

const kills = 20;
const writers = 8;
const shards = 4;
const bucket = 'archive';
const key = 'log.txt';

/** Puts batches, one after another, each again and again under the same id until it is acknowledged. */
async function write(
  endpoint: string,
  writer: number,
  random: () => number,
  stop: AbortSignal,
): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let batch = 0; !stop.aborted; batch++) {
    const messages = Array.from(
      { length: 1 + Math.floor(random() * 20) },
      (_, index) => `${writer}-${acknowledged.length + index}`,
    );
    await putUntilAcknowledged(endpoint, writer, messages);
    acknowledged.push(...messages);
    await sleep(Math.floor(random() * 10));
  }
  return acknowledged;
}

async function putUntilAcknowledged(
  endpoint: string,
  writer: number,
  messages: readonly string[],
): Promise<void> {
  const id = randomUUID();
  const body = JSON.stringify({
    StreamName: 'words',
    Records: messages.map((message) => ({
      // All of a writer's records are in one shard, so that their order can be checked.
      PartitionKey: `writer ${writer}`,
      Data: Buffer.from(JSON.stringify({ message })).toString('base64'),
    })),
  });
  for (;;) {
    try {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'Kinesis_20131202.PutRecords',
          'amz-sdk-invocation-id': id,
        },
        body,
      });
      const output = (await answer.json()) as { FailedRecordCount?: number };
      if (answer.status === 200) {
        assert.equal(output.FailedRecordCount, 0);
        return;
      }
      assert.ok(answer.status >= 500, `a put was refused: ${JSON.stringify(output)}`);
    } catch (error) {
      // The server is gone; nobody knows whether this put was stored.
      if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
    }
    await sleep(10);
  }
}

test(`${kills} times kill -9 under load: every acknowledged record is there, once, and is one line of the log`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  await using server = await spawnServer({ args: ['--log-level', 'error'] });
  const { endpoint } = server;
  const kinesis = new KinesisClient(clientOptions(endpoint));
  const s3 = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true });
  t.after(() => {
    kinesis.destroy();
    s3.destroy();
  });
  await kinesis.send(new CreateStreamCommand({ StreamName: 'words', ShardCount: shards }));
  const log = ['--stream', 'words', '--bucket', bucket, '--key', key, '--format', '{message}'];
  const created = await runCommand(['log', 'create', 'all', ...log, '--endpoint', endpoint]);
  assert.equal(created.errors, '');

  const stop = new AbortController();
  const writing = Promise.all(
    Array.from({ length: writers }, (_, writer) =>
      write(endpoint, writer, seededRandom(seed + writer + 1), stop.signal),
    ),
  );
  for (let kill = 1; kill <= kills; kill++) {
    await Promise.race([sleep(20 + Math.floor(random() * 800)), writing]);
    await server.kill();
    await server.start();
  }
  stop.abort();
  const acknowledged = await writing;

  const perShard = await readShards(kinesis, 'words');
  const stored = perShard.flat();
  t.diagnostic(`${stored.length} records`);
  assert.ok(stored.length > kills, 'there was a load');
  assert.deepEqual(stored.toSorted(), acknowledged.flat().toSorted(), 'each acknowledged record, once');
  for (const [writer, messages] of acknowledged.entries()) {
    const shard = perShard.find((records) => records.some((message) => message.startsWith(`${writer}-`)));
    assert.deepEqual(
      shard?.filter((message) => message.startsWith(`${writer}-`)),
      messages,
      `the order of writer ${writer}`,
    );
  }

  const lines = await linesOf(s3, stored.length);
  assert.equal(lines.length, stored.length, 'a line for each record');
  for (const records of perShard) {
    const own = new Set(records);
    assert.deepEqual(
      lines.filter((line) => own.has(line)),
      records,
      'the order of a shard, each record once',
    );
  }

  assert.equal(await server.stop('SIGTERM'), 0);
  const report = await verifyEngine({ folder: join(server.dataDir, 'engine') });
  assert.deepEqual(report.findings, []);
});

/** The object's lines when there are enough of them and no more come. */
async function linesOf(s3: S3Client, expected: number): Promise<string[]> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const lines = ((await Body?.transformToString()) ?? '').trimEnd().split('\n');
    if (lines.length >= expected || performance.now() > deadline) return lines;
    await sleep(50);
  }
}

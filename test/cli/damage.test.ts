import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../support/server.ts';

const RECORDS = 500;
const SHARD = 'shardId-000000000000';

/** A stream with one PutRecords of 500 KiB, in which a bit of record 250 was flipped when the server had stopped. */
async function damagedFolder(): Promise<{ dataDir: string; numbers: string[]; segment: string }> {
  const dataDir = join(await temporaryFolder(), 'data');
  await using server = await startTestServer({ dataDir });
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
  const Records = Array.from({ length: RECORDS }, (_, n) => ({
    PartitionKey: 'k',
    Data: Buffer.from(`record ${n}.`.padEnd(1024, 'x')),
  }));
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'later', ShardCount: 1 }));
  kinesis.destroy();
  await server.stop();
  const [name = ''] = await readdir(join(dataDir, 'engine', 'segments'));
  const segment = join(dataDir, 'engine', 'segments', name);
  const bytes = await readFile(segment);
  const at = bytes.indexOf('record 250.') + 500;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(segment, bytes);
  const numbers = (answer.Records ?? []).map(({ SequenceNumber = '' }) => SequenceNumber);
  return { dataDir, numbers, segment };
}

test('a flipped bit loses the records of its run, named by stream, shard and sequence numbers', async () => {
  const { dataDir, numbers, segment } = await damagedFolder();
  const before = await readFile(segment);
  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(verified.code, 1);
  const finding =
    /^checksum mismatch: (stream orders, shard shardId-000000000000, sequence numbers (\d+) to (\d+)) \(engine\/segments\/000000000001-0\.segment, byte \d+\)\n1 file, \d+ commits, \d+ records: 1 problem\n$/.exec(
      verified.output,
    );
  assert(finding !== null, verified.output);
  const [, subject = '', first = '', last = ''] = finding;
  const [from, to] = [numbers.indexOf(first), numbers.indexOf(last)];
  assert(from <= 250 && to >= 250, `${from} to ${to}`);
  const lost = to - from + 1;
  assert(lost <= 32, `${lost} records of 1 KiB are more than a run of 32 KiB`);

  const scrubbed = await runCommand(['scrub', '--data-dir', dataDir]);
  assert.equal(scrubbed.code, 1);
  assert(scrubbed.output.includes(subject), scrubbed.output);

  const planned = await runCommand(['repair', '--dry-run', '--data-dir', dataDir]);
  assert.equal(planned.code, 0);
  assert(planned.output.includes(`lost: ${subject}\n`), planned.output);
  assert.match(
    planned.output,
    new RegExp(`1 problem can be repaired, ${lost} records lost; nothing changed \\(dry run\\)\n$`),
  );
  assert.deepEqual(await readFile(segment), before);

  const repaired = await runCommand(['repair', '--data-dir', dataDir]);
  assert.equal(repaired.code, 0);
  assert(repaired.output.includes(`lost: ${subject}\n`), repaired.output);
  assert.match(repaired.output, new RegExp(`1 problem repaired, ${lost} records lost\n$`));
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 0);
  const again = await runCommand(['repair', '--data-dir', dataDir]);
  assert.equal(again.output, 'no damage found, nothing changed\n');

  await using server = await startTestServer({ dataDir });
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 'orders',
      ShardId: SHARD,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const read: (string | undefined)[] = [];
  for (let iterator = ShardIterator; read.length < RECORDS - lost;) {
    const answer = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
    read.push(...(answer.Records ?? []).map(({ SequenceNumber }) => SequenceNumber));
    iterator = answer.NextShardIterator;
  }
  assert.deepEqual(
    read,
    numbers.filter((_, n) => n < from || n > to),
  );
  kinesis.destroy();
});

test('a running server can be scrubbed without being disturbed', async () => {
  await using server = await startTestServer();
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
  const folder = ['--data-dir', server.dataDir, '--endpoint', server.endpoint];
  const { code, output } = await runCommand(['scrub', '--rate', '1000', ...folder]);
  assert.match(output, /^\d files?, \d+ commits?, \d+ records?: no damage found\n$/);
  assert.equal(code, 0);
  const wrong = await runCommand(['scrub', '--rate', '0', '--data-dir', server.dataDir]);
  assert.match(wrong.errors, /Specify a number of MiB greater than 0/);
  kinesis.destroy();
});

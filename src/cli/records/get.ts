import { Command } from 'commander';
import { AnsweredError, serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import type { OutputFlags } from '../output/output.ts';
import { plain } from '../output/plain.ts';
import { bytesText } from '../output/units.ts';
import { kinesis, shardsOf, streamOf } from '../stream/kinesis.ts';
import { CommandError, exitCodes, type Terminal, usageError } from '../terminal.ts';
import { decodedText } from './decoded.ts';
import { wholeShardId } from './positions.ts';
import { ndjsonLine, type ReadRecord } from './record.ts';

type GetFlags = ServerFlags & OutputFlags & { readonly shardId?: string; readonly raw?: true };

interface Found {
  readonly shardId: string;
  readonly record: ReadRecord;
}

/** `nagare get`: one record, whole. */
export function getCommand(terminal: Terminal): Command {
  const command = new Command('get')
    .description('print one record with all that is known of it, and what its data are')
    .argument('<stream>', 'stream name or ARN')
    .argument('<sequence-number>', 'as tail and put print it')
    .option('--shard-id <id>', 'its shard; without it all are asked')
    .option('--raw', 'print only its data, as they are')
    .option('--json', 'print the record as JSON, its data in base64');
  return withServer(command).action(async (stream: string, sequenceNumber: string, flags: GetFlags) => {
    if (!/^\d{1,129}$/.test(sequenceNumber)) throw usageError(`"${sequenceNumber}" is not a sequence number`);
    const server = await serverOf(flags, terminal);
    const found = await find(server, stream, { sequenceNumber, shardId: flags.shardId });
    if (flags.raw === true) return await terminal.write(Buffer.from(found.record.Data, 'base64'));
    terminal.print(
      flags.json === true ? ndjsonLine(found.shardId, found.record).trimEnd() : described(found),
    );
  });
}

function described({ shardId, record }: Found): string {
  const data = Buffer.from(record.Data, 'base64');
  const facts: readonly (readonly [string, string])[] = [
    ['sequence number', record.SequenceNumber],
    ['shard', shardId],
    ['arrived', new Date(Math.round(record.ApproximateArrivalTimestamp * 1000)).toISOString()],
    ['partition key', plain(record.PartitionKey)],
    ['size', bytesText(data.length)],
  ];
  return `${facts.map(([name, value]) => `${name.padEnd(16)} ${value}`).join('\n')}\n${decodedText(data)}`;
}

interface Wanted {
  readonly sequenceNumber: string;
  readonly shardId: string | undefined;
}

async function find(
  server: RunningServer,
  stream: string,
  { sequenceNumber, shardId }: Wanted,
): Promise<Found> {
  const shardIds =
    shardId === undefined
      ? (await shardsOf(server, stream)).map(({ ShardId = '' }) => ShardId)
      : [wholeShardId(shardId)];
  for (const id of shardIds) {
    const record = await recordIn(server, { stream, shardId: id, sequenceNumber });
    if (record !== undefined) return { shardId: id, record };
  }
  throw new CommandError(`${stream} has no record ${sequenceNumber}`, {
    exitCode: exitCodes.notFound,
    why: 'it was never there, or its retention is over',
    remedy: `nagare tail ${stream} --from oldest --no-follow --limit 1`,
  });
}

interface Place {
  readonly stream: string;
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/** Undefined if the shard has no record with exactly this number. */
async function recordIn(
  server: RunningServer,
  { stream, shardId, sequenceNumber }: Place,
): Promise<ReadRecord | undefined> {
  const start = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: sequenceNumber };
  try {
    const { ShardIterator } = await kinesis<{ ShardIterator: string }>(server, 'GetShardIterator', {
      ...streamOf(stream),
      ShardId: shardId,
      ...start,
    });
    const { Records } = await kinesis<{ Records: readonly ReadRecord[] }>(server, 'GetRecords', {
      ShardIterator,
      Limit: 1,
    });
    return Records.find(({ SequenceNumber }) => SequenceNumber === sequenceNumber);
  } catch (error) {
    // A number of another shard.
    if (error instanceof AnsweredError && error.code === 'InvalidArgumentException') return undefined;
    throw error;
  }
}

import { base64 } from '../base64.ts';
import { quoted } from '../../../support/shell-word.ts';
import type { Action } from './action.ts';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

export const streamActions = {
  createStream: (name: string, mode: StreamMode, shards: number): Action => {
    const isProvisioned = mode === 'PROVISIONED';
    const word = quoted(name === '' ? 'NAME' : name);
    return {
      title: 'Create a stream',
      verb: 'Create',
      says: 'It keeps its records for 24 hours, which can be changed later.',
      commands: [
        `nagare stream create ${word} ${isProvisioned ? `--shards ${shards}` : '--on-demand'}`,
        `aws kinesis create-stream --stream-name ${word} --stream-mode-details StreamMode=${mode}${isProvisioned ? ` --shard-count ${shards}` : ''}`,
      ],
      call: [
        'kinesis',
        'CreateStream',
        {
          StreamName: name,
          StreamModeDetails: { StreamMode: mode },
          ...(isProvisioned && { ShardCount: shards }),
        },
      ],
    };
  },
  deleteStream: (name: string): Action => ({
    title: `Delete ${name}`,
    verb: 'Delete the stream',
    says: 'All its records and its registered consumers are deleted. This cannot be undone.',
    confirm: name,
    commands: [
      `nagare stream delete ${quoted(name)} --enforce-consumer-deletion --yes`,
      `aws kinesis delete-stream --stream-name ${quoted(name)} --enforce-consumer-deletion`,
    ],
    call: ['kinesis', 'DeleteStream', { StreamName: name, EnforceConsumerDeletion: true }],
  }),
  /** The data is text. */
  putRecord: (stream: string, partitionKey: string, data: string): Action => ({
    title: `Put a record to ${stream}`,
    verb: 'Put',
    says: 'It is durable when this says so.',
    commands: [
      `nagare put ${quoted(stream)} ${quoted(data)} --key ${quoted(partitionKey)}`,
      `aws kinesis put-record --stream-name ${quoted(stream)} --partition-key ${quoted(partitionKey)} --cli-binary-format raw-in-base64-out --data ${quoted(data)}`,
    ],
    call: ['kinesis', 'PutRecord', { StreamName: stream, PartitionKey: partitionKey, Data: base64(data) }],
  }),
  extendRetention: (stream: string, hours: number): Action => ({
    title: `Keep records of ${stream} longer`,
    verb: `Keep for ${hours} hours`,
    says: 'It also holds for the records that are in the stream now.',
    commands: [
      `nagare stream update ${quoted(stream)} --retention-hours ${hours}`,
      `aws kinesis increase-stream-retention-period --stream-name ${quoted(stream)} --retention-period-hours ${hours}`,
    ],
    call: ['kinesis', 'IncreaseStreamRetentionPeriod', { StreamName: stream, RetentionPeriodHours: hours }],
  }),
  shortenRetention: (stream: string, hours: number): Action => ({
    title: `Keep records of ${stream} for a shorter time`,
    verb: `Keep for ${hours} hours`,
    says: `Records that are older than ${hours} hours expire at once. This cannot be undone.`,
    confirm: stream,
    commands: [
      `nagare stream update ${quoted(stream)} --retention-hours ${hours} --yes`,
      `aws kinesis decrease-stream-retention-period --stream-name ${quoted(stream)} --retention-period-hours ${hours}`,
    ],
    call: ['kinesis', 'DecreaseStreamRetentionPeriod', { StreamName: stream, RetentionPeriodHours: hours }],
  }),
  changeMode: (stream: string, arn: string, mode: StreamMode): Action => ({
    title: `Change the mode of ${stream}`,
    verb: mode === 'ON_DEMAND' ? 'Let shards follow the traffic' : 'Keep the number of shards',
    says:
      mode === 'ON_DEMAND'
        ? 'The server adds and merges shards as the traffic needs.'
        : 'The shards stay as they are until somebody changes them.',
    commands: [
      `nagare stream update ${quoted(stream)} --mode ${mode === 'ON_DEMAND' ? 'on-demand' : 'provisioned'}`,
      `aws kinesis update-stream-mode --stream-arn ${arn} --stream-mode-details StreamMode=${mode}`,
    ],
    call: ['kinesis', 'UpdateStreamMode', { StreamARN: arn, StreamModeDetails: { StreamMode: mode } }],
  }),
  scaleStream: (stream: string, shards: number): Action => ({
    title: `Change the shards of ${stream}`,
    verb: `Change to ${shards} ${shards === 1 ? 'shard' : 'shards'}`,
    says: 'Shards are split and merged until all have the same share of the hash keys. Readers finish the old ones first.',
    commands: [
      `nagare stream scale ${quoted(stream)} --shards ${shards}`,
      `aws kinesis update-shard-count --stream-name ${quoted(stream)} --target-shard-count ${shards} --scaling-type UNIFORM_SCALING`,
    ],
    call: [
      'kinesis',
      'UpdateShardCount',
      { StreamName: stream, TargetShardCount: shards, ScalingType: 'UNIFORM_SCALING' },
    ],
  }),
  splitShard: (stream: string, shard: string, startingHashKey: string): Action => ({
    title: `Split shard ${endOf(shard)}`,
    verb: 'Split',
    says: 'The shard is closed, and two new ones take its hash keys. Readers finish it before they go on with these.',
    commands: [
      `nagare shard split ${quoted(stream)} --shard-id ${shard} --at ${startingHashKey}`,
      `aws kinesis split-shard --stream-name ${quoted(stream)} --shard-to-split ${shard} --new-starting-hash-key ${startingHashKey}`,
    ],
    call: [
      'kinesis',
      'SplitShard',
      { StreamName: stream, ShardToSplit: shard, NewStartingHashKey: startingHashKey },
    ],
  }),
  mergeShards: (stream: string, shard: string, next: string): Action => ({
    title: `Merge shards ${endOf(shard)} and ${endOf(next)}`,
    verb: 'Merge',
    says: 'Both are closed, and a new shard takes their hash keys.',
    commands: [
      `nagare shard merge ${quoted(stream)} --shard-id ${shard} --with ${next}`,
      `aws kinesis merge-shards --stream-name ${quoted(stream)} --shard-to-merge ${shard} --adjacent-shard-to-merge ${next}`,
    ],
    call: ['kinesis', 'MergeShards', { StreamName: stream, ShardToMerge: shard, AdjacentShardToMerge: next }],
  }),
} as const;

function endOf(shardId: string): string {
  return shardId.replace(/^shardId-0*(?=\d)/, '');
}

import { base64 } from '../base64.ts';
import { quoted } from '../../../support/shell-word.ts';
import type { Action } from './action.ts';

export type Position = 'TRIM_HORIZON' | 'LATEST' | { readonly timeMs: number };

export const functionActions = {
  invokeFunction: (name: string, event: string): Action => ({
    title: `Invoke ${name}`,
    verb: 'Invoke',
    says: 'It is invoked at once, and this shows what it returns.',
    commands: [
      `nagare function invoke ${quoted(name)} --payload ${quoted(event)}`,
      `aws lambda invoke --function-name ${quoted(name)} --cli-binary-format raw-in-base64-out --payload ${quoted(event)} /dev/stdout`,
    ],
    call: ['lambda', 'Invoke', { FunctionName: name, Payload: base64(event), LogType: 'Tail' }],
  }),
  pauseMapping: (uuid: string, functionName: string): Action => ({
    title: `Pause the mapping to ${functionName}`,
    verb: 'Pause',
    says: 'The position is kept; the records wait, as long as the stream keeps them.',
    commands: [
      `nagare mapping pause ${uuid}`,
      `aws lambda update-event-source-mapping --uuid ${uuid} --no-enabled`,
    ],
    call: ['lambda', 'UpdateEventSourceMapping', { UUID: uuid, Enabled: false }],
  }),
  resumeMapping: (uuid: string, functionName: string): Action => ({
    title: `Resume the mapping to ${functionName}`,
    verb: 'Resume',
    says: 'It goes on where it was paused.',
    commands: [
      `nagare mapping resume ${uuid}`,
      `aws lambda update-event-source-mapping --uuid ${uuid} --enabled`,
    ],
    call: ['lambda', 'UpdateEventSourceMapping', { UUID: uuid, Enabled: true }],
  }),
  bisectMapping: (uuid: string, functionName: string): Action => ({
    title: `Bisect the batches that ${functionName} fails on`,
    verb: 'Bisect',
    says: 'A batch that fails is halved and tried again, until only the records that make it fail are left. The records before them are processed. It holds for all batches from now on.',
    commands: [
      `nagare mapping bisect ${uuid}`,
      `aws lambda update-event-source-mapping --uuid ${uuid} --bisect-batch-on-function-error`,
    ],
    call: ['lambda', 'UpdateEventSourceMapping', { UUID: uuid, BisectBatchOnFunctionError: true }],
  }),
  skipBatch: (uuid: string, functionName: string, shardId: string, records: number): Action => ({
    title: `Skip what ${functionName} fails on`,
    verb: `Skip ${records} ${records === 1 ? 'record' : 'records'}`,
    says: 'As if the retries were exhausted: the function is not called with them again, and the shard goes on. They go to the failure destination of the mapping, if it has one, and stay in the stream.',
    confirm: functionName,
    commands: [`nagare mapping skip ${uuid} --shard ${shardId} --yes`],
    call: ['lambda', 'SkipEventSourceMappingBatch', { UUID: uuid, ShardId: shardId }],
  }),
  rewindMapping: (uuid: string, functionName: string, position: Position, shardId: string): Action => {
    const isTime = typeof position !== 'string';
    const time = isTime ? new Date(position.timeMs).toISOString() : '';
    const word = isTime ? time : position.toLowerCase().replace('_', '-');
    const ofShard = shardId === '' ? '' : ` --shard ${shardId}`;
    return {
      title: `Rewind the mapping to ${functionName}`,
      verb: 'Move',
      says: `Records are delivered again, or never, in ${shardId === '' ? 'all shards of the stream' : shardId}.`,
      confirm: functionName,
      commands: [`nagare mapping rewind ${uuid} ${word}${ofShard} --yes`],
      call: [
        'lambda',
        'RewindEventSourceMapping',
        {
          UUID: uuid,
          ...(isTime
            ? { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: position.timeMs / 1000 }
            : { StartingPosition: position }),
          ...(shardId !== '' && { ShardId: shardId }),
        },
      ],
    };
  },
} as const;

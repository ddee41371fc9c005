import type { ListLogDescription, ShardProgress } from './api-types.ts';
import type { ListLogs } from './list-logs.ts';
import type { LogState } from './log-state.ts';
import { reasonOf } from '../../consumers/failure-log.ts';

/** A list log as the API describes it. */
export function describe(listLogs: ListLogs, name: string): ListLogDescription {
  const { row, running } = listLogs.get(name);
  const info = running?.info;
  const { startingPosition: start } = row;
  const failure = info?.failure;
  return {
    ListLogName: row.name,
    Stream: row.stream,
    Bucket: row.bucket,
    Key: row.key,
    Format: row.format,
    TimeZone: row.timeZone,
    StartingPosition: start.type,
    ...(start.type === 'AT_TIMESTAMP' ? { StartingPositionTimestamp: new Date(start.timestampMs) } : {}),
    ...(row.endpoint === undefined ? {} : { Endpoint: row.endpoint }),
    ...(row.region === undefined ? {} : { Region: row.region }),
    Status:
      failure !== undefined
        ? 'FAILING'
        : listLogs.stream(row) === undefined
          ? 'WAITING_FOR_STREAM'
          : 'ACTIVE',
    ...(failure === undefined ? {} : { StatusReason: reasonOf(failure) }),
    CreationTimestamp: new Date(row.createdMs),
    ...(info?.state === undefined ? {} : progress(info.state, info.millisBehindLatest)),
    ...(info?.sizeBytes === undefined ? {} : { ObjectSizeBytes: info.sizeBytes }),
    ...(info?.lastWriteMs === undefined ? {} : { LastWriteTimestamp: new Date(info.lastWriteMs) }),
  };
}

function progress(
  state: LogState,
  millisBehindLatest: number,
): Pick<ListLogDescription, 'Lines' | 'RawLines' | 'MillisBehindLatest' | 'Shards'> {
  const shards = [...state.positions].map(([shardId, position]): ShardProgress => {
    if (position.state === 'finished') return { ShardId: shardId, Finished: true };
    const { from } = position;
    const sequenceNumber =
      from.type === 'AFTER_SEQUENCE_NUMBER' ? { SequenceNumber: from.sequenceNumber } : {};
    return { ShardId: shardId, ...sequenceNumber, Finished: false };
  });
  return {
    Lines: state.lines,
    RawLines: state.rawLines,
    MillisBehindLatest: millisBehindLatest,
    Shards: shards,
  };
}

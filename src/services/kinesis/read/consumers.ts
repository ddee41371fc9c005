import type { StreamContext } from './context.ts';
import { invalidArgument, resourceNotFound } from '../errors.ts';
import { parseArn } from '../arn.ts';
import { consumerKey, type ConsumerRow } from '../streams/rows.ts';
import type { Stream } from '../streams/stream.ts';
import { requireId } from '../streams/stream-image.ts';

/** A registered consumer (enhanced fan-out). Its states last as long as a stream's, by elapsed time. */
export interface Consumer {
  readonly row: ConsumerRow;
  readonly stream: Stream;
  readonly arn: string;
  readonly status: ConsumerRow['status'];
}

export function consumersOf(kinesis: StreamContext, stream: Stream): Consumer[] {
  const nowMs = kinesis.clock.now();
  return [...kinesis.streams.tables.consumers.entries(`${stream.id}/`)]
    .map(([, row]) => row)
    .filter((row) => !isGone(row, nowMs))
    .map((row) => consumerOf(stream, row, nowMs));
}

export function consumerOf(stream: Stream, row: ConsumerRow, nowMs: number): Consumer {
  const status = row.status === 'DELETING' ? 'DELETING' : isCreating(row, nowMs) ? 'CREATING' : 'ACTIVE';
  return { row, stream, arn: consumerArn(stream, row), status };
}

export function isCreating(row: ConsumerRow, nowMs: number): boolean {
  return row.status === 'CREATING' && (row.dueMs ?? 0) > nowMs;
}

/** Deregistered, and the DELETING state is over: the name is free. */
export function isGone(row: ConsumerRow, nowMs: number): boolean {
  return row.status === 'DELETING' && (row.dueMs ?? 0) <= nowMs;
}

export function consumerArn(stream: Stream, row: ConsumerRow): string {
  return `${stream.arn}/consumer/${row.name}:${Math.floor(row.createdMs / 1000)}`;
}

export interface ConsumerIdentifier {
  readonly StreamARN?: string;
  readonly ConsumerName?: string;
  readonly ConsumerARN?: string;
  readonly StreamId?: string;
}

/**
 * Finds the consumer that a request names: by its ARN, by stream and name, or by both if they agree. Throws
 * ResourceNotFoundException, InvalidArgumentException.
 */
export function resolveConsumer(kinesis: StreamContext, identifier: ConsumerIdentifier): Consumer {
  const { StreamARN, ConsumerName, ConsumerARN, StreamId } = identifier;
  if (ConsumerARN !== undefined) return consumerByArn(kinesis, ConsumerARN, identifier);
  const ofStream = StreamARN !== undefined || StreamId !== undefined;
  if (!ofStream || ConsumerName === undefined) {
    throw invalidArgument('Either ConsumerARN or both StreamARN and ConsumerName should be provided.');
  }
  const stream = kinesis.streams.resolve({
    ...(StreamARN !== undefined && { StreamARN }),
    ...(StreamId !== undefined && { StreamId }),
  });
  const consumer = findConsumer(kinesis, stream, ConsumerName);
  if (consumer !== undefined) return consumer;
  throw resourceNotFound(
    `Consumer ${ConsumerName} of stream ${stream.name} under account ${kinesis.accountId} not found.`,
  );
}

/** `also` has what the request names besides the ARN. */
export function consumerByArn(kinesis: StreamContext, arn: string, also: ConsumerIdentifier = {}): Consumer {
  const parsed = parseArn(arn);
  if (parsed?.consumer === undefined)
    throw invalidArgument(`ConsumerARN ${arn} is not the ARN of a consumer.`);
  const { StreamARN = parsed.streamArn, ConsumerName = parsed.consumer.name } = also;
  if (StreamARN !== parsed.streamArn) throw conflicting(arn, `StreamARN ${StreamARN}`);
  if (ConsumerName !== parsed.consumer.name) throw conflicting(arn, `ConsumerName ${ConsumerName}`);
  const stream = kinesis.streams.get(parsed.streamName);
  const consumer = stream === undefined ? undefined : findConsumer(kinesis, stream, parsed.consumer.name);
  if (consumer === undefined || consumer.arn !== arn) {
    throw resourceNotFound(`Consumer ${arn} under account ${parsed.accountId} not found.`);
  }
  requireId(consumer.stream, also.StreamId);
  return consumer;
}

function conflicting(arn: string, other: string) {
  return invalidArgument(`ConsumerARN ${arn} and ${other} do not name the same consumer.`);
}

/** Undefined also when it was deregistered. */
export function findConsumer(kinesis: StreamContext, stream: Stream, name: string): Consumer | undefined {
  const nowMs = kinesis.clock.now();
  const row = kinesis.streams.tables.consumers.get(consumerKey(stream.id, name));
  return row === undefined || isGone(row, nowMs) ? undefined : consumerOf(stream, row, nowMs);
}

/** Returns the consumer in the API's form. */
export function describeConsumer({ row, arn, status }: Consumer) {
  return {
    ConsumerName: row.name,
    ConsumerARN: arn,
    ConsumerStatus: status,
    ConsumerCreationTimestamp: new Date(row.createdMs),
  };
}

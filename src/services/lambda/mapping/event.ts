import type { StreamRecord } from '../../../consumers/source.ts';

/** What the records of one event have in common. */
export interface EventInfo {
  /** ARN of the stream, or of the registered consumer that the mapping names. */
  readonly sourceArn: string;
  readonly region: string;
  /** The function's role. */
  readonly roleArn: string;
}

/** What an event has in addition in a tumbling window. */
export interface EventWindow {
  /** ISO 8601. */
  readonly window: { readonly start: string; readonly end: string };
  readonly state: unknown;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
}

const EMPTY_EVENT_BYTES = '{"Records":[]}'.length;
const SHARD_ID_LENGTH = 'shardId-000000000000'.length;

/**
 * Encodes the event for a function as Lambda's guide "Using AWS Lambda with Amazon Kinesis" shows it: JSON, with the
 * records' data in base64.
 */
export function encodeEvent(
  info: EventInfo,
  shardId: string,
  records: readonly StreamRecord[],
  tumbling?: EventWindow,
): Buffer {
  const event = { Records: records.map((record) => eventRecord(info, shardId, record)) };
  if (tumbling === undefined) return Buffer.from(JSON.stringify(event));
  const { window, state, isFinalInvokeForWindow, isWindowTerminatedEarly } = tumbling;
  const source = { shardId, eventSourceARN: info.sourceArn };
  const flags = { isFinalInvokeForWindow, isWindowTerminatedEarly };
  return Buffer.from(JSON.stringify({ ...event, window, state, ...source, ...flags }));
}

function eventRecord(info: EventInfo, shardId: string, record: StreamRecord): object {
  const { data, sequenceNumber } = record;
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber,
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
      approximateArrivalTimestamp: record.arrivalMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: info.roleArn,
    awsRegion: info.region,
    eventSourceARN: info.sourceArn,
  };
}

/**
 * Returns a function that computes a record's size in an event, so that a batch can be cut at Lambda's limit before it
 * is encoded.
 */
export function recordSizer(info: EventInfo): (record: StreamRecord) => number {
  const bare: StreamRecord = {
    sequenceNumber: '',
    partitionKey: '',
    explicitHashKey: undefined,
    data: new Uint8Array(),
    arrivalMs: 9_999_999_999_999,
  };
  const comma = 1;
  const overhead = encodeEvent(info, 's'.repeat(SHARD_ID_LENGTH), [bare]).length - EMPTY_EVENT_BYTES + comma;
  return ({ partitionKey, sequenceNumber, data }) =>
    overhead +
    (Buffer.byteLength(JSON.stringify(partitionKey)) - 2) +
    2 * sequenceNumber.length +
    4 * Math.ceil(data.length / 3);
}

/** The bytes available for records in a payload of `payloadBytesMax`. */
export function recordsBytesMax(payloadBytesMax: number): number {
  return payloadBytesMax - EMPTY_EVENT_BYTES;
}

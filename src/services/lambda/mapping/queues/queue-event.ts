import { type TraceContext, traceOfXray } from '../../../../support/trace-context.ts';
import type { QueuedAttribute, QueuedMessage } from '../../../sqs/message-queues.ts';

/** What the records of one event have in common. */
export interface QueueEventInfo {
  readonly queueArn: string;
  readonly region: string;
}

/** A received message as it goes into an event. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  /** JSON. */
  readonly text: string;
  /** Of its sender. */
  readonly trace: TraceContext | undefined;
  /** Its visibility timeout ends then. */
  readonly visibleMs: number;
}

/** The trace that its sender, or who has sent it for somebody, gave the message. */
export function traceOf({ attributes }: QueuedMessage): TraceContext | undefined {
  const { AWSTraceHeader: header } = attributes;
  return header === undefined ? undefined : traceOfXray(header);
}

/** A message as Lambda's guide "Using Lambda with Amazon SQS" shows it in an event. */
export function encodeRecord({ queueArn, region }: QueueEventInfo, message: QueuedMessage): string {
  const { messageId, receiptHandle, body, attributes, md5OfBody, md5OfMessageAttributes } = message;
  return JSON.stringify({
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, value]) => [name, encodeAttribute(value)]),
    ),
    ...(md5OfMessageAttributes !== undefined && { md5OfMessageAttributes }),
    md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  });
}

/** As on AWS, with the two kinds of lists that are always empty. */
function encodeAttribute({ dataType, stringValue, binaryValue }: QueuedAttribute) {
  return {
    ...(stringValue !== undefined && { stringValue }),
    ...(binaryValue !== undefined && { binaryValue: Buffer.from(binaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType,
  };
}

const EVENT_START = '{"Records":[';
const EVENT_END = ']}';

export function encodeQueueEvent(records: readonly QueueRecord[]): Buffer {
  return Buffer.from(`${EVENT_START}${records.map(({ text }) => text).join(',')}${EVENT_END}`);
}

/** Bytes of a record in an event, with its comma. */
export function recordBytes({ text }: QueueRecord): number {
  return Buffer.byteLength(text) + 1;
}

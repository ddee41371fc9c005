import type { Tags } from '../../aws/tags.ts';

/** A queue as it is stored; the key is its name. */
export interface Queue {
  readonly name: string;
  /** Differs for each queue that had this name. */
  readonly id: string;
  /** The key of receipt handles, in base64. */
  readonly handleKey: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** The attributes that were set, as AWS writes them. */
  readonly attributes: QueueAttributes;
  readonly tags: Tags;
}

export type QueueAttributes = Readonly<Record<string, string>>;

/** Attributes that every queue has, with AWS's defaults. */
const DEFAULTS = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
} as const;

const FIFO_DEFAULTS = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
} as const;

export function isFifo({ attributes }: Pick<Queue, 'attributes'>): boolean {
  return attributes['FifoQueue'] === 'true';
}

/** The attributes of a queue with the defaults. */
export function attributesOf(queue: Pick<Queue, 'attributes'>): QueueAttributes {
  return { ...DEFAULTS, ...(isFifo(queue) ? FIFO_DEFAULTS : {}), ...queue.attributes };
}

export function attributeOf(queue: Pick<Queue, 'attributes'>, name: keyof typeof DEFAULTS): string {
  return queue.attributes[name] ?? DEFAULTS[name];
}

/** An attribute whose value is a number, which was checked when it was set. */
export function numberOf(queue: Pick<Queue, 'attributes'>, name: keyof typeof DEFAULTS): number {
  return Number(attributeOf(queue, name));
}

/**
 * What the log of asynchronous invocations holds: events as they were accepted, and what became of them. A record is
 * one byte for its kind, the length of its head (32 bits, little-endian), its head as JSON, and for an event the
 * payload.
 */
export type EventRecord =
  | { readonly kind: 'event'; readonly head: EventHead; readonly payload: Buffer }
  | { readonly kind: 'failed'; readonly head: FailedHead }
  | { readonly kind: 'done'; readonly head: DoneHead };

export interface EventHead {
  readonly requestId: string;
  readonly functionName: string;
  readonly clientContext?: string;
}

/** The event of that index failed for the `attempts`th time and is due again then. */
export interface FailedHead {
  readonly index: number;
  readonly attempts: number;
  readonly dueMs: number;
}

/** The event of that index has succeeded, or was given up. */
export interface DoneHead {
  readonly index: number;
}

const KINDS = ['event', 'failed', 'done'] as const;
const PREFIX_BYTES = 5;

export function encodeRecord(record: EventRecord): Buffer {
  const head = Buffer.from(JSON.stringify(record.head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(KINDS.indexOf(record.kind), 0);
  prefix.writeUInt32LE(head.length, 1);
  return Buffer.concat(record.kind === 'event' ? [prefix, head, record.payload] : [prefix, head]);
}

export function decodeRecord(bytes: Buffer): EventRecord {
  const kind = KINDS[bytes.readUInt8(0)];
  const end = PREFIX_BYTES + bytes.readUInt32LE(1);
  const head: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end));
  // The engine checks its frames: what it gives is what `encodeRecord` made.
  switch (kind) {
    case 'event':
      return { kind, head: head as EventHead, payload: bytes.subarray(end) };
    case 'failed':
      return { kind, head: head as FailedHead };
    case 'done':
      return { kind, head: head as DoneHead };
    case undefined:
      break;
  }
  throw new Error('the log of asynchronous invocations has a record of an unknown kind');
}

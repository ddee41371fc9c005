import type { Engine, LogId } from '../../../engine/engine.ts';
import { unpack } from '../../../engine/packed-records.ts';
import type { DurableQueue } from '../../../queue/durable-queue.ts';
import type { Clock } from '../../../support/clock.ts';
import type { AsyncEvent } from './async-event.ts';

interface LogRow {
  readonly log: LogId;
  /** Events before this index have been moved to the queue. */
  readonly movedBefore?: number;
}

/** An event in the format of an earlier version. */
interface EarlierEvent extends AsyncEvent {
  readonly functionName: string;
  readonly payload: Buffer;
  readonly acceptedMs: number;
  readonly attempts: number;
  readonly dueMs: number;
}

const READ = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };
/** Events moved in one commit. */
const AT_ONCE = 16;
const PREFIX_BYTES = 5;

/**
 * Moves the events of earlier versions to the queue. Those versions kept events and their results in one log. Each step
 * is a commit, so an interrupted start continues where it stopped.
 */
export async function takeOverEvents(
  engine: Engine,
  queue: DurableQueue<AsyncEvent>,
  clock: Clock,
): Promise<void> {
  const { catalog } = engine;
  const table = catalog.table<LogRow>('lambda.events');
  const row = table.get('log');
  if (row === undefined) return;
  const { log, movedBefore = 0 } = row;
  const pending = [...(await readPending(engine, log))].filter(([index]) => index >= movedBefore);
  for (let from = 0; from < pending.length; from += AT_ONCE) {
    const moved = pending.slice(from, from + AT_ONCE);
    const messages = moved.map(([, event]) => {
      const {
        functionName: lane,
        requestId,
        clientContext,
        payload,
        acceptedMs: sentMs,
        attempts,
        dueMs,
      } = event;
      const head = clientContext === undefined ? { requestId } : { requestId, clientContext };
      const isDelayed = dueMs > clock.now();
      return { body: payload, to: [{ lane, head, sentMs, attempts, ...(isDelayed && { dueMs }) }] };
    });
    const last = moved.at(-1)?.[0] ?? 0;
    await queue.takeOver(messages, (transaction) =>
      transaction.put(table, 'log', { log, movedBefore: last + 1 }),
    );
  }
  await engine.drop(log);
  await catalog.commit((transaction) => transaction.delete(table, 'log'));
}

/** Pending events by their index, oldest first. */
async function readPending(engine: Engine, log: LogId): Promise<Map<number, EarlierEvent>> {
  const pending = new Map<number, EarlierEvent>();
  for (let from = engine.bounds(log).firstIndex; ;) {
    const batches = await engine.read(log, from, READ);
    if (batches.length === 0) return pending;
    for (const batch of batches) {
      const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
      unpack(batch, (ordinal, offset, length) =>
        replay(pending, bytes.subarray(offset, offset + length), batch.firstIndex + ordinal, batch.arrivalMs),
      );
      from = batch.firstIndex + batch.count;
    }
  }
}

/**
 * A record is one byte for its kind, the length of its header (32 bits, little-endian), the header as JSON, and a
 * payload.
 */
function replay(pending: Map<number, EarlierEvent>, bytes: Buffer, index: number, arrivalMs: number): void {
  const end = PREFIX_BYTES + bytes.readUInt32LE(1);
  const head: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end));
  // The engine verifies checksums, so the bytes are what the earlier version wrote.
  switch (bytes.readUInt8(0)) {
    case 0: {
      const event = head as AsyncEvent & { functionName: string };
      const payload = Buffer.from(bytes.subarray(end));
      pending.set(index, { ...event, payload, acceptedMs: arrivalMs, attempts: 0, dueMs: arrivalMs });
      return;
    }
    case 1: {
      const failed = head as { index: number; attempts: number; dueMs: number };
      const event = pending.get(failed.index);
      if (event === undefined) return;
      pending.set(failed.index, { ...event, attempts: failed.attempts, dueMs: failed.dueMs });
      return;
    }
    case 2:
      pending.delete((head as { index: number }).index);
      return;
    default:
      throw new Error('the log of asynchronous invocations has a record of an unknown kind');
  }
}

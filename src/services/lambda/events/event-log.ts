import type { Engine, LogId } from '../../../engine/engine.ts';
import { RecordPacker, unpack } from '../../../engine/packed-records.ts';
import { decodeRecord, encodeRecord, type EventHead, type EventRecord } from './event-record.ts';

/** An accepted event that is not done. Its payload stays on disk until it runs. */
export interface PendingEvent extends EventHead {
  /** Where it lies in the log. */
  readonly index: number;
  readonly acceptedMs: number;
  /** How many times it has failed, and when it may run again. */
  attempts: number;
  dueMs: number;
}

interface StateRow {
  readonly log: LogId;
}

const READ = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };
const ONE = { maxRecords: 1, maxBytes: 1 };

/** The log of asynchronous invocations: what is durable of them. */
export class EventLog {
  readonly #engine: Engine;
  readonly #log: LogId;
  /** Indexes of events that are not done, ascending: the log is trimmed up to the first. */
  readonly #open = new Set<number>();
  #trimmedBefore: number;

  private constructor(engine: Engine, log: LogId) {
    this.#engine = engine;
    this.#log = log;
    this.#trimmedBefore = engine.bounds(log).firstIndex;
  }

  /** Opens the log, and finds what is not done, oldest first. */
  static async open(engine: Engine): Promise<{ log: EventLog; pending: PendingEvent[] }> {
    const table = engine.catalog.table<StateRow>('lambda.events');
    let id = table.get('log')?.log;
    if (id === undefined) {
      const [created] = await engine.createLogs(1);
      if (created === undefined) throw new Error('the engine has made no log');
      await engine.catalog.commit((transaction) => transaction.put(table, 'log', { log: created }));
      id = created;
    }
    const log = new EventLog(engine, id);
    return { log, pending: await log.#recover() };
  }

  /** Resolves when the event is durable. */
  async accept(head: EventHead, payload: Uint8Array): Promise<PendingEvent> {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const { index, arrivalMs } = await this.#append({ kind: 'event', head, payload: bytes });
    this.#open.add(index);
    return { ...head, index, acceptedMs: arrivalMs, attempts: 0, dueMs: arrivalMs };
  }

  async payload(event: PendingEvent): Promise<Buffer> {
    const [batch] = await this.#engine.read(this.#log, event.index, ONE);
    let payload: Buffer | undefined;
    if (batch !== undefined && batch.firstIndex === event.index) {
      eachRecord(batch, (record) => {
        payload ??= record.kind === 'event' ? record.payload : undefined;
      });
    }
    if (payload === undefined)
      throw new Error(`the asynchronous invocation ${event.requestId} is not in its log`);
    return payload;
  }

  async failed({ index, attempts, dueMs }: PendingEvent): Promise<void> {
    await this.#append({ kind: 'failed', head: { index, attempts, dueMs } });
  }

  async done({ index }: PendingEvent): Promise<void> {
    await this.#append({ kind: 'done', head: { index } });
    this.#open.delete(index);
    await this.#trim();
  }

  async #append(record: EventRecord): Promise<{ index: number; arrivalMs: number }> {
    const packer = new RecordPacker();
    packer.add(encodeRecord(record));
    const { batches } = await this.#engine.append({
      batches: [{ log: this.#log, records: packer.finish() }],
    });
    const [appended] = batches;
    if (appended === undefined) throw new Error('the engine has not said where it put a record');
    return { index: appended.firstIndex, arrivalMs: appended.arrivalMs };
  }

  async #trim(): Promise<void> {
    const [oldest] = this.#open;
    const before = oldest ?? this.#engine.bounds(this.#log).nextIndex;
    // A trim is a commit of its own: one for many events when they come in numbers.
    if (oldest !== undefined && before - this.#trimmedBefore < TRIM_STEP) return;
    if (before <= this.#trimmedBefore) return;
    this.#trimmedBefore = before;
    await this.#engine.trim(this.#log, before);
  }

  async #recover(): Promise<PendingEvent[]> {
    const pending = new Map<number, PendingEvent>();
    for (let from = this.#trimmedBefore; ;) {
      const batches = await this.#engine.read(this.#log, from, READ);
      if (batches.length === 0) break;
      for (const batch of batches) {
        eachRecord(batch, (record, ordinal) =>
          replay(pending, record, batch.firstIndex + ordinal, batch.arrivalMs),
        );
        from = batch.firstIndex + batch.count;
      }
    }
    for (const index of pending.keys()) this.#open.add(index);
    return [...pending.values()];
  }
}

const TRIM_STEP = 1000;

function replay(
  pending: Map<number, PendingEvent>,
  record: EventRecord,
  index: number,
  arrivalMs: number,
): void {
  switch (record.kind) {
    case 'event':
      pending.set(index, { ...record.head, index, acceptedMs: arrivalMs, attempts: 0, dueMs: arrivalMs });
      break;
    case 'failed': {
      const event = pending.get(record.head.index);
      if (event !== undefined)
        Object.assign(event, { attempts: record.head.attempts, dueMs: record.head.dueMs });
      break;
    }
    case 'done':
      pending.delete(record.head.index);
      break;
  }
}

function eachRecord(
  batch: Parameters<typeof unpack>[0],
  visit: (record: EventRecord, ordinal: number) => void,
): void {
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  unpack(batch, (ordinal, offset, length) =>
    visit(decodeRecord(bytes.subarray(offset, offset + length)), ordinal),
  );
}

import { AuditFile } from '../audit/audit-file.ts';
import { type AuditEntry, AuditLog, entryOf } from '../audit/audit-log.ts';
import { auditLimits } from '../audit/limits.ts';
import { NAGARE, serviceEvent } from '../audit/record.ts';
import { RecordQueue, type RecordQueueOptions } from '../audit/record-queue.ts';
import type { Denial } from '../auth/denial.ts';
import type { Config } from '../config.ts';
import type { StreamWriter } from '../consumers/stream-writer.ts';
import { UserError } from '../errors.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { RequestObserver } from '../protocol/observer.ts';
import { systemClock } from '../support/clock.ts';
import { reasonOf } from '../support/errno.ts';
import type { Log } from '../support/log.ts';

/** The audit log cannot be written from the start. */
export class AuditError extends UserError {
  override readonly name = 'AuditError';
}

interface AuditContext {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: MetricRegistry;
}

/** The audit log of a server, with the file and the stream that it goes to. */
export class Audit {
  /** Undefined without an audit log. */
  readonly observer: RequestObserver | undefined;
  readonly #queues: readonly RecordQueue[];
  readonly #file: AuditFile | undefined;
  /** Requests may be refused because of it. */
  readonly isRequired: boolean;
  #writer: StreamWriter | undefined;

  /** `file` is open. */
  constructor(file: AuditFile | undefined, { config, log, metrics }: AuditContext) {
    const { region, accountId, audit } = config;
    const lossRecord = (count: number): AuditEntry => {
      const context = { region, accountId, nowMs: systemClock.now() };
      return entryOf(serviceEvent('AuditRecordsLost', { count }, context), NAGARE);
    };
    const common = { lossRecord, clock: systemClock, log, metrics };
    const { stream, data = 'none', required = false } = audit ?? {};
    this.#file = file;
    this.isRequired = required;
    this.#queues = [
      ...(file === undefined ? [] : [new RecordQueue({ ...toFile(file), ...common })]),
      ...(stream === undefined ? [] : [new RecordQueue({ ...this.#toStream(stream), ...common })]),
    ];
    const options = { sinks: this.#queues, data, region, accountId, log, clock: systemClock };
    this.observer = audit && new AuditLog(options);
  }

  /** From now on, records reach the stream, with the one of these services that has streams. */
  attach(services: readonly { readonly streamWriter?: StreamWriter }[]): void {
    this.#writer = services.flatMap(({ streamWriter }) => streamWriter ?? [])[0];
  }

  /** Begins a new file under the configured path: another program may have renamed the present one. */
  reopen(): void {
    this.#file?.reopen();
  }

  /** Why requests are refused: they must be recorded, and cannot be. */
  refusal(): Denial | undefined {
    if (!this.isRequired || this.#failures().length === 0) return undefined;
    const message = 'The audit log cannot be written, and this server answers no requests without it.';
    return { kind: 'unavailable', message };
  }

  /** For `/health`. */
  warnings(): string[] {
    return this.#failures().map((reason) => `audit records cannot be written: ${reason}`);
  }

  async close(): Promise<void> {
    for (const queue of this.#queues) await queue.close();
    await this.#file?.close();
  }

  #failures(): string[] {
    return this.#queues.flatMap(({ failure }) => failure ?? []);
  }

  #toStream(name: string): Omit<RecordQueueOptions, 'lossRecord' | 'clock' | 'log' | 'metrics'> {
    return {
      name: 'stream',
      bytesMax: auditLimits.streamPendingBytesMax,
      batch: { bytesMax: auditLimits.streamBatchBytesMax, recordsMax: auditLimits.streamBatchRecordsMax },
      // Otherwise a reader of the stream would never reach its end: each of its reads would be a new record.
      skips: ({ stream }) => stream !== undefined && (stream.name ?? name) === name,
      write: async (batch) => {
        if (this.#writer === undefined) throw new Error('the streams are not open yet');
        await this.#writer.put(name, batch.map(recordOf));
      },
    };
  }
}

function toFile(file: AuditFile): Omit<RecordQueueOptions, 'lossRecord' | 'clock' | 'log' | 'metrics'> {
  return {
    name: 'file',
    bytesMax: auditLimits.filePendingBytesMax,
    batch: { bytesMax: auditLimits.fileBatchBytesMax, recordsMax: auditLimits.fileBatchRecordsMax },
    write: (batch) => file.write(batch.map(({ line }) => line).join('')),
  };
}

const PARTITION_KEY_LENGTH_MAX = 256;

function recordOf({ line, partitionKey }: AuditEntry): { partitionKey: string; data: Buffer } {
  const key = partitionKey === '' ? NAGARE : partitionKey.slice(0, PARTITION_KEY_LENGTH_MAX);
  return { partitionKey: key, data: Buffer.from(line) };
}

/** Throws AuditError when the file cannot be opened. */
export async function openAudit(context: AuditContext): Promise<Audit> {
  const { audit } = context.config;
  if (audit?.file === undefined) return new Audit(undefined, context);
  const { file: path, fileBytesMax: bytesMax, filesMax } = audit;
  const file = new AuditFile({ path, bytesMax, filesMax });
  try {
    await file.open();
  } catch (error) {
    throw new AuditError(`the audit log ${path} cannot be written: ${reasonOf(error)}`);
  }
  return new Audit(file, context);
}

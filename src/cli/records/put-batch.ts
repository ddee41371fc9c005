import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnsweredError, type RunningServer } from '../api.ts';
import { NoAnswerError, send } from '../connect/send.ts';
import { cliLimits } from '../limits.ts';
import { streamOf } from '../stream/kinesis.ts';
import { exitCodes } from '../terminal.ts';

/** A record to put, as JSON that PutRecords takes. */
export interface PutEntry {
  readonly json: string;
  /** Of its data and key, about. */
  readonly bytes: number;
}

export interface Stored {
  readonly ShardId: string;
  readonly SequenceNumber: string;
}

interface Answer {
  readonly Records: readonly (Partial<Stored> & {
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
  })[];
}

export function entryOf(data: string, key: string, explicitHashKey?: string): PutEntry {
  const hashKey =
    explicitHashKey === undefined ? '' : `,"ExplicitHashKey":${JSON.stringify(explicitHashKey)}`;
  const json = `{"Data":"${data}","PartitionKey":${JSON.stringify(key)}${hashKey}}`;
  return { json, bytes: Math.ceil(data.length * 0.75) + key.length };
}

/**
 * Puts records in their order, up to 500 at a time, one request after the other. Records that were throttled are put
 * again before any other; a request that got no answer is repeated with its id, so that nagare stores nothing twice.
 */
export class RecordWriter {
  readonly #server: RunningServer;
  readonly #stream: string;
  readonly #signal: AbortSignal;
  readonly #onStored: (stored: readonly Stored[]) => void;
  #waiting: PutEntry[] = [];
  #waitingBytes = 0;
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown;
  retried = 0;

  constructor(
    server: RunningServer,
    stream: string,
    options: { readonly signal: AbortSignal; readonly onStored: (stored: readonly Stored[]) => void },
  ) {
    this.#server = server;
    this.#stream = stream;
    this.#signal = options.signal;
    this.#onStored = options.onStored;
  }

  /** Resolves when there is room for more: one request is prepared while another is answered. */
  async add(entry: PutEntry): Promise<void> {
    const isFull = this.#waiting.length >= cliLimits.putRecordsMax;
    if (isFull || this.#waitingBytes + entry.bytes > cliLimits.putBytesMax) await this.#send();
    this.#waiting.push(entry);
    this.#waitingBytes += entry.bytes;
  }

  /** Resolves when all records are stored. Rejects with CommandError. */
  async flush(): Promise<void> {
    await this.#send();
    await this.#sending;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #send(): Promise<void> {
    await this.#sending;
    if (this.#failure !== undefined) throw this.#failure;
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#sending = this.#store(entries).catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async #store(entries: readonly PutEntry[]): Promise<void> {
    let rest = entries;
    for (let attempt = 1; rest.length > 0; attempt++) {
      const { Records: results } = await this.#put(rest);
      const stored = results.filter((one): one is Stored => one.SequenceNumber !== undefined);
      if (stored.length > 0) this.#onStored(stored);
      const refused = results.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused === undefined) return;
      rest = rest.filter((_, at) => results[at]?.ErrorCode !== undefined);
      this.retried += rest.length;
      if (attempt === cliLimits.putAttemptsMax || this.#signal.aborted) {
        throw new AnsweredError(refused.ErrorCode ?? '', refused.ErrorMessage ?? '', 'kinesis');
      }
      await this.#pause(attempt);
    }
  }

  /** One request, repeated with the same id. */
  async #put(entries: readonly PutEntry[]): Promise<Answer> {
    const stream = JSON.stringify(streamOf(this.#stream)).slice(1, -1);
    const body = `{${stream},"Records":[${entries.map(({ json }) => json).join(',')}]}`;
    const id = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Kinesis_20131202.PutRecords',
        'amz-sdk-invocation-id': id,
        'amz-sdk-request': `attempt=${attempt}; max=${cliLimits.putAttemptsMax}`,
      };
      try {
        const request = { method: 'POST', path: '/', service: 'kinesis', headers, body } as const;
        const { ok, status, text } = await send(this.#server, request);
        // The answer of PutRecords.
        if (ok) return JSON.parse(text) as Answer;
        const error = refusal(text, status);
        if (error.exitCode !== exitCodes.throttled && status < 500) throw error;
        if (attempt === cliLimits.putAttemptsMax) throw error;
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        if (attempt === cliLimits.putAttemptsMax || this.#signal.aborted) throw error;
      }
      await this.#pause(attempt);
    }
  }

  async #pause(attempt: number): Promise<void> {
    const ms = Math.min(cliLimits.retryMsMax, cliLimits.retryMsMin * 2 ** (attempt - 1));
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}

function refusal(text: string, status: number): AnsweredError {
  let output: Readonly<Record<string, unknown>> = {};
  try {
    output = JSON.parse(text) as typeof output;
  } catch {
    // The status says what there is to say.
  }
  const code =
    typeof output['__type'] === 'string' ? output['__type'].replace(/^.*#/, '') : `status ${status}`;
  const message = output['message'] ?? output['Message'];
  return new AnsweredError(code, typeof message === 'string' ? message : '', 'kinesis');
}

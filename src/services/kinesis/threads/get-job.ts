import type { RecordBatch } from '../../../engine/engine.ts';
import { acquireBuffer, releaseBuffer, transferable, adoptBuffer } from '../../../support/buffer-pool.ts';
import type { Transfer, ThreadPool } from '../../../support/thread-pool.ts';
import { expectedJsonBytes, recordsJson } from '../records/records-json.ts';
import { numberAt } from '../records/sequence-number.ts';
import { SequenceRun } from '../records/sequence-run.ts';
import type { Shard } from '../shards/shard.ts';

/** Encodes the response of GetRecords in a thread. */
export interface GetJob {
  readonly kind: 'get';
  /** The records of all batches, concatenated. */
  readonly records: ArrayBuffer;
  /** For each batch: record count, first index, arrival, bytes. */
  readonly batches: Float64Array;
  /** The shard's common part of sequence numbers. */
  readonly numbers: bigint;
  readonly after: string;
  readonly output: ArrayBuffer;
}

interface Got {
  readonly records: ArrayBuffer;
  readonly output: ArrayBuffer;
  readonly bytes: number;
}

/** The numbers for each batch in `batches`. */
const FACTS = 4;

/**
 * Encodes the response of GetRecords like `recordsJson`, in a thread. The records are copied first, because other
 * readers use them too. They must not be encrypted.
 */
export async function getInThread(
  threads: ThreadPool,
  { numbers }: Shard,
  batches: readonly RecordBatch[],
  after: string,
): Promise<Buffer> {
  let bytes = 0;
  for (const batch of batches) bytes += batch.bytes.length;
  const copy = acquireBuffer(bytes);
  const facts = new Float64Array(batches.length * FACTS);
  let at = 0;
  for (const [place, batch] of batches.entries()) {
    copy.set(batch.bytes, at);
    at += batch.bytes.length;
    facts.set([batch.count, batch.firstIndex, batch.arrivalMs, batch.bytes.length], place * FACTS);
  }
  const records = transferable(copy);
  const output = transferable(acquireBuffer(expectedJsonBytes(batches, after)));
  const message: GetJob = { kind: 'get', records, batches: facts, numbers, after, output };
  const got = await threads.run<Got>({ message, moved: [records, output] });
  releaseBuffer(adoptBuffer(got.records, bytes));
  return adoptBuffer(got.output, got.bytes);
}

/** Runs in the thread. */
export function get({ records, batches: facts, numbers, after, output }: GetJob): Transfer<Got> {
  const shard = {
    sequenceRun: (index: number, arrivalMs: number) => new SequenceRun(numberAt(numbers, index, arrivalMs)),
  };
  const batches: RecordBatch[] = [];
  let at = 0;
  for (let place = 0; place < facts.length; place += FACTS) {
    const [count = 0, firstIndex = 0, arrivalMs = 0, bytes = 0] = facts.subarray(place, place + FACTS);
    batches.push({ count, firstIndex, arrivalMs, bytes: Buffer.from(records, at, bytes) });
    at += bytes;
  }
  const json = recordsJson(shard, batches, after, adoptBuffer(output, output.byteLength));
  const memory = transferable(json);
  return { message: { records, output: memory, bytes: json.length }, moved: [records, memory] };
}

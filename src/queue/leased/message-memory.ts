import type { AppendBatch } from '../../engine/engine.ts';
import { RecordPacker, SMALL_BYTES } from '../../engine/packed-records.ts';
import { acquireBuffer, releaseBuffer } from '../../support/buffer-pool.ts';
import type { Message } from './message-format.ts';

/** About what is stored beside the body of a message. */
const AROUND_BYTES = 128;

/** A packer with room for these messages. The memory of small batches is used again: the engine copies them. */
export function packerFor(messages: readonly Message[]): RecordPacker {
  let bytes = messages.length * AROUND_BYTES;
  for (const { body } of messages) bytes += body.length;
  return bytes < SMALL_BYTES ? new RecordPacker(bytes, acquireBuffer) : new RecordPacker(bytes);
}

/** After the commit. Large batches are the engine's. */
export function releaseBatches(batches: readonly AppendBatch[]): void {
  for (const { records } of batches) if (records.bytes.length < SMALL_BYTES) releaseBuffer(records.bytes);
}

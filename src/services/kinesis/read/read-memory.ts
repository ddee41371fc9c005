import { type HttpRequest, MemoryBudgetError } from '../../../http/message.ts';
import { httpLimits } from '../../../http/limits.ts';
import { YieldingQueue } from '../../../support/yielding-queue.ts';

/** The memory for one byte of record data: the byte itself, and its base64 in the response. */
const HELD_BYTES_PER_BYTE = 7 / 3;

/**
 * Returns how many bytes of records may be read for a response, at most `wantedBytes`. One record can always be read.
 */
export function readBytesGranted(memory: HttpRequest['responseMemory'], wantedBytes: number): number {
  return Math.floor(memory.grant(wantedBytes * HELD_BYTES_PER_BYTE) / HELD_BYTES_PER_BYTE);
}

/**
 * Large responses are encoded one in each turn of the event loop, so that concurrent ones do not block other work.
 */
const turns = new YieldingQueue();

/**
 * Call this between reading records and encoding the response, which costs a millisecond for each megabyte. Throws
 * MemoryBudgetError if the memory budget has no room: a single record may be larger than what was granted.
 */
export async function beforeResponse(
  memory: HttpRequest['responseMemory'],
  readBytes: number,
): Promise<void> {
  if (readBytes < httpLimits.bodyBytesLarge) return;
  await new Promise<void>((resolve) => turns.push(resolve));
  if (!memory.admit(Math.ceil((readBytes * 4) / 3))) throw new MemoryBudgetError();
}

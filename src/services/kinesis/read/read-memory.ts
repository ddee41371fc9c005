import { type HttpRequest, NoRoomError } from '../../../http/message.ts';
import { limits } from '../../../limits.ts';
import { YieldingQueue } from '../../../support/yielding-queue.ts';

/** What a byte of records takes: itself, and its base64 in the response. */
const HELD_BYTES_PER_BYTE = 7 / 3;

/** How many bytes of records may be read for a response, `wantedBytes` at the most. One record is always read. */
export function readBytesGranted(memory: HttpRequest['responseMemory'], wantedBytes: number): number {
  return Math.floor(memory.grant(wantedBytes * HELD_BYTES_PER_BYTE) / HELD_BYTES_PER_BYTE);
}

/** Large responses are made one in a turn of the event loop: when many are asked for at once, others get their turns. */
const turns = new YieldingQueue();

/**
 * To be called between reading records and making their response, which costs a millisecond for each megabyte. Throws
 * NoRoomError when there is no room for it: a single record may be larger than what was granted.
 */
export async function beforeResponse(
  memory: HttpRequest['responseMemory'],
  readBytes: number,
): Promise<void> {
  if (readBytes < limits.bodyBytesLarge) return;
  await new Promise<void>((resolve) => turns.push(resolve));
  if (!memory.admit(Math.ceil((readBytes * 4) / 3))) throw new NoRoomError();
}

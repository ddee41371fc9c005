import type { HttpRequest } from '../../../http/message.ts';

/** What a byte of records takes: itself, and its base64 in the response. */
const HELD_BYTES_PER_BYTE = 7 / 3;

/** How many bytes of records may be read for a response, `wantedBytes` at the most. One record is always read. */
export function readBytesGranted(memory: HttpRequest['responseMemory'], wantedBytes: number): number {
  return Math.floor(memory.grant(wantedBytes * HELD_BYTES_PER_BYTE) / HELD_BYTES_PER_BYTE);
}

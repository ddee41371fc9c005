import { s3LogLimits } from './limits.ts';
import type { Slot } from './slot.ts';
import type { Slots } from './slots.ts';

/** A slot that was requested ahead. */
interface Ahead {
  readonly reading: Promise<Slot | undefined>;
  /** When it is here. */
  found: Slot | undefined;
}

/**
 * The slots from one on, and each new one when it is there; those that have arrived together come together. While the
 * reader is behind, several are requested at a time. Rejects with TrimmedError, and with LogClosedError when the signal
 * aborts.
 */
export async function* readSlots(slots: Slots, from: number, signal: AbortSignal): AsyncGenerator<Slot[]> {
  await slots.requireKept(from, signal);
  const ahead: Ahead[] = [];
  // Not more than one until the first is there: asking for what does not exist costs as much.
  let width = 1;
  let polls = 0;
  let filling = slots.filling;
  for (let slot = from; ;) {
    if (ahead.length === 0) filling = slots.filling;
    while (ahead.length < width) ahead.push(request(slots, slot + ahead.length, signal));
    const found = await ahead.shift()?.reading;
    if (found !== undefined) {
      const together = [found, ...arrived(ahead, bytesOf(found))];
      slot += together.length;
      polls = 0;
      width = widthAfter(together, width);
      // Under way while these are consumed.
      while (ahead.length < width) ahead.push(request(slots, slot + ahead.length, signal));
      yield together;
      continue;
    }
    ahead.length = 0;
    width = 1;
    if (++polls % s3LogLimits.pollsBeforeCheck === 0) await slots.requireKept(slot, signal);
    await slots.pause(signal, filling);
  }
}

function request(slots: Slots, slot: number, signal: AbortSignal): Ahead {
  const ahead: Ahead = { reading: slots.read(slot, signal), found: undefined };
  // A failure counts when it is awaited in its turn, unless the reader ends before.
  ahead.reading.then(
    (found) => (ahead.found = found),
    () => undefined,
  );
  return ahead;
}

/** Takes those that are here already, in their order. */
function arrived(ahead: Ahead[], bytesBefore: number): Slot[] {
  const taken: Slot[] = [];
  let bytes = bytesBefore;
  for (let next = ahead[0]?.found; next !== undefined; next = ahead[0]?.found) {
    if (bytes >= s3LogLimits.readTogetherBytes) break;
    taken.push(next);
    bytes += bytesOf(next);
    ahead.shift();
  }
  return taken;
}

function bytesOf({ frame }: Slot): number {
  return frame.payload.length;
}

/** Twice as many as before, as far as their bytes allow. */
function widthAfter(together: readonly Slot[], width: number): number {
  const largest = Math.max(1, ...together.map(bytesOf));
  const fitting = Math.max(1, Math.floor(s3LogLimits.readAheadBytes / largest));
  return Math.min(width * 2, s3LogLimits.readAheadObjects, fitting);
}

import { s3LogLimits } from './limits.ts';
import type { Slots } from './slots.ts';

/**
 * Removes the slots before one. Some are kept: an owner that was suspended for long, and was replaced meanwhile, writes
 * to the slot that follows its last one. It must find that slot taken, or it would acknowledge what is lost. The slot
 * is the takeover that replaced it, or one of those right before with void frames only. Each takeover says from where
 * on slots are kept for it.
 */
export async function trimSlots(slots: Slots, before: number): Promise<void> {
  const first = await slots.first();
  if (before <= first) return;
  const kept = await keptRanges(slots, first, before);
  await slots.markTrimmed(before);
  const doomed: number[] = [];
  for (let slot = first; slot < before; slot++) {
    if (kept.some(([from, to]) => slot >= from && slot <= to)) continue;
    doomed.push(slot);
    if (doomed.length === s3LogLimits.deletesAtOnce) await deleteAll(slots, doomed.splice(0));
  }
  await deleteAll(slots, doomed);
}

async function deleteAll(slots: Slots, doomed: readonly number[]): Promise<void> {
  await Promise.all(doomed.map((slot) => slots.delete(slot)));
}

/** Of the takeovers in a range, found backwards: each slot names the takeover of its owner. */
async function keptRanges(
  slots: Slots,
  first: number,
  before: number,
): Promise<(readonly [number, number])[]> {
  const ranges: (readonly [number, number])[] = [];
  for (let slot = before; slot >= first;) {
    const { takeoverSlot } = await slots.require(slot);
    const takeover = await slots.require(takeoverSlot);
    ranges.push([takeover.keptFrom, takeover.slot]);
    // The last slot of the owner before.
    slot = takeover.keptFrom - 1;
  }
  return ranges;
}

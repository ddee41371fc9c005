import { UserError } from '../../errors.ts';
import { ownerOf } from './owner-info.ts';
import type { OwnerInfo } from './shared-log.ts';

/** What heartbeats and the last frame of an owner carry, so that a standby that starts within a term learns of it. */
export interface Beat {
  readonly timeMs: number;
  readonly owner: OwnerInfo;
}

export function encodeBeat({ timeMs, owner }: Beat): Uint8Array[] {
  return [Buffer.from(JSON.stringify({ timeMs, ...owner }))];
}

/** Throws BeatError. */
export function decodeBeat(payload: Uint8Array, position: number): Beat {
  // The frame's checksum proves that a nagare wrote it, perhaps another version.
  const beat = JSON.parse(Buffer.from(payload).toString()) as Partial<OwnerInfo & { timeMs: number }>;
  const { timeMs } = beat;
  const owner = ownerOf(beat);
  if (timeMs === undefined || owner === undefined) throw new BeatError(position);
  return { timeMs, owner };
}

class BeatError extends UserError {
  override readonly name = 'BeatError';

  constructor(position: number) {
    super(`the shared log has a heartbeat at position ${position} that this nagare does not know`);
  }
}

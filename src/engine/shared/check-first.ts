import { UserError } from '../../errors.ts';
import type { SharedEntry } from '../embedded/format/entries.ts';
import { decodeSharedCommit } from '../embedded/format/shared-commit.ts';
import { decodeBeat } from './beat.ts';
import type { SharedFrame, TrimmedError } from './shared-log.ts';

/**
 * Checks that the folder is a copy of this log: the frame at its place must be the one that it has. Throws OtherLogError.
 */
export function checkFirst(frame: SharedFrame | undefined, place: SharedEntry | undefined): void {
  if (frame === undefined || place === undefined) return;
  const timeMs = timeOf(frame);
  const isSame =
    frame.position === place.position &&
    frame.term === place.term &&
    (timeMs === undefined || timeMs === place.timeMs);
  if (!isSame) throw new OtherLogError(place.position);
}

/** By the clock of the owner that wrote it. */
export function timeOf({ kind, payload, position }: SharedFrame): number | undefined {
  if (kind === 'takeover') return undefined;
  if (kind === 'commit') return decodeSharedCommit(payload, position).timeMs;
  return decodeBeat(payload, position).timeMs;
}

export class OtherLogError extends UserError {
  override readonly name = 'OtherLogError';

  constructor(position: number) {
    super(
      `the data folder is a copy of another shared log: at position ${position} this one has another frame. ` +
        'Check --shared-log; to follow this log, choose an empty data folder',
    );
  }
}

export class LogTrimmedError extends UserError {
  override readonly name = 'LogTrimmedError';

  constructor(cause: TrimmedError) {
    super(
      `the shared log begins at position ${cause.first}, and the data folder lacks what was before. ` +
        'Start this machine with the same --snapshots as the others: then it begins with a snapshot',
      { cause },
    );
  }
}

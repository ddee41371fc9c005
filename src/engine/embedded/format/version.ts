import { FormatVersionError } from '../errors.ts';

/**
 * The format version that this nagare writes. Each segment and the watermark file begin with it, so that an older
 * nagare refuses the store.
 */
export const FORMAT_VERSION = 3;

/**
 * Stores from this version on are upgraded when they are opened (recover/upgrade.ts); their old segments stay readable.
 */
export const OLDEST_FORMAT_VERSION = 2;

/** Throws FormatVersionError. */
export function checkFormatVersion(file: string, version: number): void {
  if (version >= OLDEST_FORMAT_VERSION && version <= FORMAT_VERSION) return;
  throw new FormatVersionError(file, version, { oldest: OLDEST_FORMAT_VERSION, newest: FORMAT_VERSION });
}

import { UserError } from '../../errors.ts';

/** The bytes on disk differ from what was written. Damaged data is never served and never skipped silently. */
export class DamageError extends UserError {
  override readonly name = 'DamageError';
  readonly file: string;
  readonly offset: number;
  readonly what: string;
  readonly isMissing: boolean;

  constructor(file: string, offset: number, what: string, isMissing = false) {
    super(
      `${file} is damaged at byte ${offset}: ${what}. ` +
        '`nagare verify` lists all damage, `nagare repair` recovers what is intact',
    );
    this.file = file;
    this.offset = offset;
    this.what = what;
    this.isMissing = isMissing;
  }

  static missing(file: string): DamageError {
    return new DamageError(file, 0, 'the file is missing', true);
  }
}

/** The store was written in a format version that this nagare does not know. */
export class FormatVersionError extends UserError {
  override readonly name = 'FormatVersionError';

  constructor(file: string, version: number, known: { readonly oldest: number; readonly newest: number }) {
    super(
      `${file} has format version ${version}; this nagare reads versions ${known.oldest} to ${known.newest}. ` +
        'Start it with the nagare that wrote it',
    );
  }
}

/**
 * A frame with a correct checksum contains an entry that this format does not define. Such a frame is never skipped or
 * cut off.
 */
export class UnknownEntryError extends UserError {
  override readonly name = 'UnknownEntryError';

  constructor(segment: number, position: number) {
    super(
      `segment ${segment} of the store has an entry at byte ${position} that this nagare does not know, although its ` +
        'checksum is correct. Start it with the nagare that wrote it',
    );
  }
}

export class EngineClosedError extends Error {
  override readonly name = 'EngineClosedError';

  constructor() {
    super('the engine is closed');
  }
}

/** The disk did not take what the shared log has: this process lacks a commit, so it must stop. */
export class EngineCopyError extends UserError {
  override readonly name = 'EngineCopyError';

  constructor(cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(`the disk does not take the copy of a commit that the shared log has: ${what}`, { cause });
  }
}

/**
 * The disk failed an append or commit. Its changes stay invisible; only after a power failure before the next write may
 * a restart find that they had reached the disk.
 */
export class EngineWriteError extends Error {
  override readonly name = 'EngineWriteError';

  constructor(cause: unknown) {
    super(`writing to disk failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

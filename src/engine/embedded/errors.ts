import { UserError } from '../../errors.ts';

/** What is on disk cannot be what was written. Never served, never skipped. */
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

/** Written by a version of nagare whose format this one does not know. */
export class FormatVersionError extends UserError {
  override readonly name = 'FormatVersionError';

  constructor(file: string, version: number, known: { readonly oldest: number; readonly newest: number }) {
    super(
      `${file} has format version ${version}; this nagare reads versions ${known.oldest} to ${known.newest}. ` +
        'Start it with the nagare that wrote it',
    );
  }
}

/** A frame is whole, as its checksum says, and holds what no version of this format has. Never skipped, never cut off. */
export class UnknownEntryError extends UserError {
  override readonly name = 'UnknownEntryError';

  constructor(segment: number, position: number) {
    super(
      `segment ${segment} of the store holds an entry at byte ${position} that this nagare cannot read, although it ` +
        'is whole. Start it with the nagare that wrote it',
    );
  }
}

export class EngineClosedError extends Error {
  override readonly name = 'EngineClosedError';

  constructor() {
    super('the engine is closed');
  }
}

/**
 * The disk failed an append or commit. Nobody sees anything of it; only when the power goes before the next write
 * may a restart find that it had reached the disk after all.
 */
export class EngineWriteError extends Error {
  override readonly name = 'EngineWriteError';

  constructor(cause: unknown) {
    super(`the disk refused a write: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

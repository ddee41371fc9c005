import { UserError } from '../../../errors.ts';

/** A part of a snapshot is not what was written, or is missing. */
export class SnapshotDamageError extends UserError {
  override readonly name = 'SnapshotDamageError';
  readonly key: string;

  constructor(key: string, what: string) {
    super(`the object ${key} of a snapshot is damaged: ${what}`);
    this.key = key;
  }
}

/** A newer nagare wrote the snapshot. It is never read in part. */
export class SnapshotFormatError extends UserError {
  override readonly name = 'SnapshotFormatError';

  constructor(key: string, format: number, known: number) {
    super(
      `the snapshot ${key} has format ${format}, and this nagare reads formats up to ${known}. ` +
        'A newer version wrote it: upgrade this machine',
    );
  }
}

/** The log does not reach back to what this machine has, and there is no snapshot to begin with. */
export class NoSnapshotError extends UserError {
  override readonly name = 'NoSnapshotError';

  constructor(first: number, refused: readonly Error[]) {
    const why = refused.map(({ message }) => `; ${message}`).join('');
    super(
      `the shared log begins at position ${first}, the data folder lacks what was before, and no snapshot can be used${why}. ` +
        'If another machine has a whole data folder, take a snapshot there with `nagare cluster snapshot`',
    );
  }
}

/** The place of the snapshots has those of another shared log. */
export class OtherSnapshotsError extends UserError {
  override readonly name = 'OtherSnapshotsError';

  constructor(id: string, why: string) {
    super(
      `the snapshot ${id} is of another shared log: ${why}. ` +
        'Check --shared-log and --snapshots; give each shared log a place of its own for its snapshots',
    );
  }
}

/** Another machine continues the snapshot that this one wrote. */
export class SnapshotLostError extends Error {
  override readonly name = 'SnapshotLostError';
}

/** The store would let two machines overwrite each other's snapshots. */
export class SnapshotStoreError extends UserError {
  override readonly name = 'SnapshotStoreError';

  constructor(what: string) {
    super(`the store of --s3-endpoint ${what}, so nagare cannot keep snapshots there`);
  }
}

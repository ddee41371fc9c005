import { UserError } from '../errors.ts';

/** Another running process holds the data folder. */
export class FolderInUseError extends UserError {
  override readonly name = 'FolderInUseError';
  readonly folder: string;

  constructor(folder: string, holder?: string) {
    super(
      `the data folder ${folder} is in use by another nagare process${holder === undefined ? '' : ` (${holder})`}; ` +
        'stop that process, or choose another folder with --data-dir',
    );
    this.folder = folder;
  }
}

/** The folder has other content, or does not exist although it must. */
export class NotADataFolderError extends UserError {
  override readonly name = 'NotADataFolderError';
}

/** The lock or the fence would not work on the folder's file system. */
export class UnsupportedFileSystemError extends UserError {
  override readonly name = 'UnsupportedFileSystemError';

  constructor(folder: string, fileSystem: string, reason: string) {
    super(
      `the data folder ${folder} is on ${fileSystem}, ${reason}. Choose a folder on a local disk with --data-dir`,
    );
  }
}

/** Another process has taken over the data folder, or it was removed: nothing more may be acknowledged. */
export class FolderLostError extends UserError {
  override readonly name = 'FolderLostError';
}

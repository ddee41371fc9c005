import { join } from 'node:path';
import { pathOfKey, type KeyPathOptions } from './key-path.ts';

/**
 * The layout of the `objects/` folder; docs/objects.md shows it. Bucket names never begin with a dot, so they cannot
 * collide with the store's own folder.
 */
export class Layout {
  readonly root: string;
  readonly own: string;
  readonly staging: string;
  readonly uploads: string;
  readonly format: string;
  readonly keyPaths: KeyPathOptions;

  constructor(root: string, keyPaths: KeyPathOptions) {
    this.root = root;
    this.own = join(root, '.nagare');
    this.staging = join(this.own, 'staging');
    this.uploads = join(this.own, 'uploads');
    this.format = join(this.own, 'format.json');
    this.keyPaths = keyPaths;
  }

  /** The folder with the contents of a bucket's objects. */
  bucketFolder(bucket: string): string {
    return join(this.root, bucket);
  }

  data(bucket: string, key: string): string {
    return `${this.bucketFolder(bucket)}/${pathOfKey(key, this.keyPaths)}`;
  }

  staged(generation: string): string {
    return join(this.staging, generation);
  }

  /** The server generates upload IDs, and checks them before they become a path. */
  upload(uploadId: string): string {
    return join(this.uploads, uploadId);
  }
}

import { join } from 'node:path';
import { pathOfKey, type KeyPathOptions } from './key-path.ts';

/**
 * Where everything lies below the `objects/` folder; docs/objects.md draws it. No bucket's name begins with a
 * dot, so the store's own folder and the buckets' cannot meet.
 */
export class Layout {
  readonly root: string;
  readonly own: string;
  readonly staging: string;
  readonly buckets: string;
  readonly uploads: string;
  readonly format: string;
  readonly reserve: string;
  readonly keyPaths: KeyPathOptions;

  constructor(root: string, keyPaths: KeyPathOptions) {
    this.root = root;
    this.own = join(root, '.nagare');
    this.staging = join(this.own, 'staging');
    this.buckets = join(this.own, 'buckets');
    this.uploads = join(this.own, 'uploads');
    this.format = join(this.own, 'format.json');
    this.reserve = join(this.own, 'reserve');
    this.keyPaths = keyPaths;
  }

  /** The folder with the contents of a bucket's objects. */
  dataFolder(bucket: string): string {
    return join(this.root, bucket);
  }

  /** The folder with their metadata; the same names, with `.json` behind each object's. */
  metaFolder(bucket: string): string {
    return join(this.own, 'meta', bucket);
  }

  bucketFile(bucket: string): string {
    return join(this.buckets, `${bucket}.json`);
  }

  data(bucket: string, key: string): string {
    return `${this.dataFolder(bucket)}/${pathOfKey(key, this.keyPaths)}`;
  }

  meta(bucket: string, key: string): string {
    return `${this.metaFolder(bucket)}/${pathOfKey(key, this.keyPaths)}.json`;
  }

  stagedData(generation: string): string {
    return join(this.staging, generation);
  }

  stagedMeta(generation: string): string {
    return join(this.staging, `${generation}.json`);
  }

  /** Upload ids are ours, and are checked before they become a path. */
  upload(uploadId: string): string {
    return join(this.uploads, uploadId);
  }
}

import type { Sums } from './block-sums.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import type { StoredChecksum } from './object-meta.ts';

/** A multipart upload: a row. Its parts are rows too, each with a file in `uploads/<id>/`. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** The object and its parts are encrypted. */
  readonly isEncrypted?: boolean;
  readonly checksum?: Pick<StoredChecksum, 'algorithm' | 'type'>;
  /** The object's version when the upload began; the condition of the completion refers to it. */
  readonly baseGeneration?: string;
}

/** A part of an upload. */
export interface UploadedPart {
  readonly number: number;
  /** Name of its file. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
  /** Undefined for a part that an upgrade took over. */
  readonly sums?: Sums;
  /** As in ObjectMeta. */
  readonly encryption?: string;
}

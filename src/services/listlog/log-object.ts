import { listLogLimits } from './limits.ts';
import type { ObjectInfo, ObjectStore } from '../s3/object-store.ts';
import { metadataBytes, readState, stateMetadata, type LogState } from './log-state.ts';

/** The list log cannot continue until someone decides what to do; Describe returns the message. */
export class LogObjectError extends Error {
  override readonly name = 'LogObjectError';
}

/** The object as it was last read or written; the next write builds on it. */
export interface ObjectSnapshot {
  readonly info: ObjectInfo | undefined;
  readonly state: LogState;
  /** The content, if the store cannot append and the object is small enough to be rewritten. */
  readonly content: Buffer | undefined;
  /** The existing content does not end with a newline, so the first line needs one in front. */
  readonly endsWithinLine: boolean;
}

export interface LogObjectOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly key: string;
  /** The list log's id. */
  readonly id: string;
  /**
   * True once the list log's lines have been seen in the object: from then on the object must not disappear or get
   * another owner.
   */
  readonly written: () => boolean;
}

/** The object of a list log: reads its state and adds lines. All decisions are the writer's. */
export class LogObject {
  readonly #options: LogObjectOptions;

  constructor(options: LogObjectOptions) {
    this.#options = options;
  }

  /** Throws LogObjectError if the object is not what this list log wrote. */
  async look(): Promise<ObjectSnapshot> {
    const { store, bucket, key, id, written } = this.#options;
    const info = await store.head(bucket, key);
    const state = info === undefined ? undefined : readState(info.metadata);
    if (state?.id === id) {
      return { info, state, content: await this.#content(info), endsWithinLine: false };
    }
    if (written()) throw new LogObjectError(reason(bucket, key, info, state));
    // The first write: existing content stays, and the lines follow it.
    const nothing = { id, writeToken: '', incarnation: '', positions: new Map(), lines: 0, rawLines: 0 };
    const content = await this.#content(info);
    return { info, state: nothing, content, endsWithinLine: await this.#endsWithinLine(info, content) };
  }

  /**
   * Adds lines and the new positions. Throws PreconditionFailedError if the object has changed since `base`. After
   * any other error the write may or may not have happened: `look` finds out.
   */
  async write(base: ObjectSnapshot, newLines: Buffer, state: LogState): Promise<ObjectSnapshot> {
    const { store, bucket, key } = this.#options;
    const lines = base.endsWithinLine ? Buffer.concat([LINE_FEED, newLines]) : newLines;
    const metadata = stateMetadata(state);
    const size = metadataBytes(metadata);
    if (size > store.metadataBytesMax) {
      throw new LogObjectError(
        `the positions of ${state.positions.size} shards need ${size} bytes, but the store accepts ${store.metadataBytesMax} bytes of metadata: use a stream with fewer shards for one list log`,
      );
    }
    const { info } = base;
    const written = (etag: string, content: Buffer | undefined, sizeBytes: number): ObjectSnapshot => ({
      info: { etag, sizeBytes, lastModifiedMs: 0, metadata },
      state,
      content: sizeBytes < store.appendMinBytes ? content : undefined,
      endsWithinLine: false,
    });
    if (info === undefined) {
      const condition = { ifNoneMatch: '*' } as const;
      const { etag } = await store.put(bucket, key, lines, {
        condition,
        metadata,
        contentType: CONTENT_TYPE,
      });
      return written(etag, lines, lines.length);
    }
    if (info.sizeBytes >= store.appendMinBytes) {
      const { etag } = await store.append(bucket, key, info, lines, { metadata, contentType: CONTENT_TYPE });
      return written(etag, undefined, info.sizeBytes + lines.length);
    }
    const content = Buffer.concat([base.content ?? (await this.#read(info)), lines]);
    const condition = { ifMatch: info.etag };
    const { etag } = await store.put(bucket, key, content, {
      condition,
      metadata,
      contentType: CONTENT_TYPE,
    });
    return written(etag, content, content.length);
  }

  async #content(info: ObjectInfo | undefined): Promise<Buffer | undefined> {
    if (info === undefined || info.sizeBytes >= this.#options.store.appendMinBytes) return undefined;
    return await this.#read(info);
  }

  async #endsWithinLine(info: ObjectInfo | undefined, content: Buffer | undefined): Promise<boolean> {
    if (info === undefined || info.sizeBytes === 0) return false;
    if (content !== undefined) return content.at(-1) !== LINE_FEED[0];
    const { store, bucket, key } = this.#options;
    const range = { first: info.sizeBytes - 1, last: info.sizeBytes - 1 };
    const { body } = await store.get(bucket, key, { ifMatch: info.etag, range });
    return body.at(-1) !== LINE_FEED[0];
  }

  async #read(info: ObjectInfo): Promise<Buffer> {
    const { store, bucket, key } = this.#options;
    return (await store.get(bucket, key, { ifMatch: info.etag })).body;
  }
}

const LINE_FEED = Buffer.from('\n');
const CONTENT_TYPE = 'text/plain; charset=utf-8';

function reason(
  bucket: string,
  key: string,
  info: ObjectInfo | undefined,
  state: LogState | undefined,
): string {
  const object = `s3://${bucket}/${key}`;
  const remedy =
    'To start over, delete the list log and create it again; its lines are then added after the existing content.';
  if (info === undefined) return `${object} was deleted. Restore it with its metadata, or: ${remedy}`;
  if (state !== undefined) return `${object} is now written by another list log (${state.id}). ${remedy}`;
  return `${object} was overwritten: it no longer has the positions of this list log. ${remedy}`;
}

export const listLogBatch = {
  recordsMax: listLogLimits.batchRecordsMax,
  bytesMax: listLogLimits.batchBytesMax,
};

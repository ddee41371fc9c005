import { createHash } from 'node:crypto';
import {
  PreconditionFailedError,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '../../src/services/s3/object-store.ts';

interface StoredObject {
  readonly body: Buffer;
  readonly info: ObjectInfo;
}

/** What becomes of a call: done and answered; refused; done without an answer; done much later, without an answer. */
export type Fate = 'well' | 'lost before' | 'lost after' | 'late';

/** An S3 in memory, with the conditions of S3, whose calls end as `fate` says. */
export class FakeStore implements ObjectStore {
  readonly metadataBytesMax = 2048;
  readonly appendMinBytes: number;
  readonly objects = new Map<string, StoredObject>();
  fate: (operation: 'head' | 'get' | 'put' | 'append') => Fate = () => 'well';
  /** How often the object was changed. */
  writes = 0;
  #late: (() => void)[] = [];
  #versions = 0;

  constructor(appendMinBytes: number) {
    this.appendMinBytes = appendMinBytes;
  }

  text(bucket: string, key: string): string {
    return this.objects.get(`${bucket}/${key}`)?.body.toString() ?? '';
  }

  /** As somebody else would write it. */
  overwrite(bucket: string, key: string, text: string): void {
    this.#store(`${bucket}/${key}`, Buffer.from(text), {});
  }

  async head(bucket: string, key: string): Promise<ObjectInfo | undefined> {
    return await this.#call('head', () => this.objects.get(`${bucket}/${key}`)?.info);
  }

  async get(bucket: string, key: string, options: { readonly ifMatch?: string } = {}): Promise<StoredObject> {
    return await this.#call('get', () => {
      const object = this.objects.get(`${bucket}/${key}`);
      if (object === undefined || (options.ifMatch ?? object.info.etag) !== object.info.etag) throw refused();
      return object;
    });
  }

  async put(bucket: string, key: string, body: Uint8Array, options: PutOptions): Promise<{ etag: string }> {
    return await this.#call('put', () => {
      const name = `${bucket}/${key}`;
      const current = this.objects.get(name)?.info.etag;
      const { condition } = options;
      if (condition !== 'unconditional') {
        if ('ifNoneMatch' in condition ? current !== undefined : current !== condition.ifMatch)
          throw refused();
      }
      return this.#store(name, Buffer.from(body), options.metadata ?? {});
    });
  }

  async append(
    bucket: string,
    key: string,
    base: ObjectInfo,
    body: Uint8Array,
    options: Omit<PutOptions, 'condition'>,
  ): Promise<{ etag: string }> {
    return await this.#call('append', () => {
      const name = `${bucket}/${key}`;
      const current = this.objects.get(name);
      if (current === undefined || current.info.etag !== base.etag) throw refused();
      if (current.body.length < this.appendMinBytes) throw new Error('append to a small object');
      return this.#store(name, Buffer.concat([current.body, body]), options.metadata ?? {});
    });
  }

  async probe(): Promise<void> {}

  async createBucket(): Promise<void> {}

  /** What was late arrives now, perhaps too late. */
  arrive(): void {
    const late = this.#late;
    this.#late = [];
    for (const call of late) {
      try {
        call();
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
      }
    }
  }

  #store(name: string, body: Buffer, metadata: Readonly<Record<string, string>>): { etag: string } {
    const etag = `"${createHash('md5').update(body).digest('hex')}-${++this.#versions}"`;
    this.objects.set(name, { body, info: { etag, sizeBytes: body.length, lastModifiedMs: 0, metadata } });
    this.writes++;
    return { etag };
  }

  async #call<Result>(operation: 'head' | 'get' | 'put' | 'append', act: () => Result): Promise<Result> {
    const fate = this.fate(operation);
    await new Promise((resolve) => setImmediate(resolve));
    if (fate === 'lost before') throw new Error('the connection was reset');
    if (fate === 'late') {
      this.#late.push(act);
      throw new Error('the answer did not come in time');
    }
    const result = act();
    await new Promise((resolve) => setImmediate(resolve));
    if (fate === 'lost after') throw new Error('the connection was reset');
    return result;
  }
}

function refused(): PreconditionFailedError {
  return new PreconditionFailedError('At least one of the pre-conditions you specified did not hold');
}

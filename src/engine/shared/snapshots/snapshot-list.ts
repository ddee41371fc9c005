import { decodeManifest, type Snapshot } from './manifest.ts';
import { SnapshotDamageError, SnapshotFormatError } from './errors.ts';
import type { SnapshotRequests } from './requests.ts';

/** What the list has at one key. */
export interface Listed {
  readonly key: string;
  readonly etag: string;
  readonly snapshot: Snapshot | undefined;
  /** Why it cannot be read: it is damaged, or a newer nagare wrote it. */
  readonly problem: SnapshotDamageError | SnapshotFormatError | undefined;
}

/**
 * The snapshots in the store: one object for each, which lists its files, below `list/`; the parts are below
 * `parts/ID/`. A snapshot begins with its object, and is complete when that says so; both steps are conditional writes,
 * so that of several processes one decides.
 */
export class SnapshotList {
  readonly prefix: string;
  readonly #known = new Map<string, Listed>();

  /** The prefix is empty or ends with a slash. */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  keyOf(id: string): string {
    return `${this.prefix}list/${id}`;
  }

  get partsPrefix(): string {
    return `${this.prefix}parts/`;
  }

  /** All snapshots, complete or not, in no particular order. What has not changed is not read again. */
  async read(requests: SnapshotRequests): Promise<readonly Listed[]> {
    const found: Listed[] = [];
    for (const { key, etag } of await requests.list(`${this.prefix}list/`)) {
      const known = this.#known.get(key);
      const listed = known?.etag === etag ? known : await readOne(requests, key);
      // Deleted meanwhile.
      if (listed !== undefined) found.push(listed);
    }
    this.#known.clear();
    for (const listed of found) this.#known.set(listed.key, listed);
    return found;
  }
}

async function readOne(requests: SnapshotRequests, key: string): Promise<Listed | undefined> {
  const object = await requests.read(key);
  if (object === undefined) return undefined;
  const { etag } = object;
  try {
    return { key, etag, snapshot: decodeManifest(key, object.body), problem: undefined };
  } catch (error) {
    if (!(error instanceof SnapshotDamageError) && !(error instanceof SnapshotFormatError)) throw error;
    return { key, etag, snapshot: undefined, problem: error };
  }
}

/** The complete ones, newest first. */
export function completeOf(listed: readonly Listed[]): Snapshot[] {
  return listed
    .flatMap(({ snapshot }) => (snapshot?.isComplete === true ? [snapshot] : []))
    .toSorted((a, b) => b.place.position - a.place.position || (a.id < b.id ? -1 : 1));
}

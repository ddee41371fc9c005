import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tags } from '../../aws/tags.ts';
import type { Transaction } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { Clock } from '../../support/clock.ts';
import { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { Fence } from '../../support/fence.ts';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import * as errors from './errors.ts';
import { EngineSegments } from './engine-segments.ts';
import { GroupMetrics } from './group-metrics.ts';
import { logsLimits } from './limits.ts';
import { LogGroup } from './log-group.ts';
import { type LogGroupRow, LogList } from './log-list.ts';
import type { LogSegments } from './log-segments.ts';
import { SegmentFiles } from './segment-files.ts';

const FUNCTION_PREFIX = '/aws/lambda/';
const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,140}$/;
/** Folders of groups that are not of functions begin so, which no function's name does. */
const NAMED_PREFIX = '@';
/** Folders of groups whose names are too long for a file name begin so; their names are in the table. */
const HASHED_PREFIX = '@@';
const FOLDER_NAME_MAX = 200;

export interface LogStoreOptions {
  /** The folder of the groups' folders; it is created if it does not exist. */
  readonly folder: string;
  readonly engine: Engine;
  /** The events are in the engine, which other machines have too, in place of the folder. */
  readonly sharesLog?: boolean | undefined;
  readonly clock: Clock;
  readonly fence: Fence;
  readonly metrics: MetricRegistry;
  readonly log: Log;
}

export function logGroupOf(functionName: string): string {
  return FUNCTION_PREFIX + functionName;
}

/** All log groups: their settings are rows, their events files in a folder of each group. */
export class LogStore extends LogList<LogGroup> {
  readonly #options: LogStoreOptions;
  readonly #groups = new Map<string, LogGroup>();
  readonly #metrics = new Map<string, GroupMetrics>();
  /** Groups that functions and services hold on to, and write to again after a deletion. */
  readonly #held = new Set<string>();
  /** Groups with an open file, in the order in which it was opened. */
  readonly #open = new Set<string>();
  readonly #recoveries = new ConcurrencyLimit(logsLimits.recoveriesAtOnceMax);

  private constructor(options: LogStoreOptions) {
    super(options.engine.catalog, options.clock);
    this.#options = options;
  }

  /** Lists the groups of versions without a table of groups, and completes deletions of an earlier run. */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const store = new LogStore(options);
    if (options.sharesLog !== true) {
      await makeDurableFolder(options.folder);
      await store.#adopt();
    }
    for (const [name, { isDeleting }] of Array.from(store.groupRows.entries())) {
      if (isDeleting) await store.#finishDeletion(name);
    }
    for (const [key, { name, isDeleting }] of Array.from(store.streamRows.entries())) {
      if (isDeleting) await store.#finishStreamDeletion(key.slice(0, key.indexOf(':')), name);
    }
    return store;
  }

  /** The log group of that name, created with its first event. */
  named(groupName: string): LogGroup {
    this.#held.add(groupName);
    return this.events(groupName);
  }

  /**
   * Resolves when the group is listed if anything was appended to it: its first event creates it, and a caller of the
   * function may ask for the log before that is stored.
   */
  override async settled(groupName: string): Promise<void> {
    if (!this.#held.has(groupName) || this.row(groupName) !== undefined) return;
    await this.#groups.get(groupName)?.flushed();
  }

  override async allSettled(): Promise<void> {
    for (const name of this.#held) await this.settled(name);
  }

  /** Throws ResourceAlreadyExistsException, LimitExceededException, OperationAbortedException. */
  async create(name: string, tags: Tags): Promise<void> {
    await this.#options.engine.catalog.commit((transaction) => {
      const present = transaction.get(this.groupRows, name);
      if (present !== undefined) throw present.isDeleting ? errors.conflicting() : errors.groupExists();
      this.#add(transaction, { name, createdMs: this.#options.clock.now(), tags });
    });
  }

  /** Throws ResourceNotFoundException. */
  async update(name: string, change: (row: LogGroupRow) => LogGroupRow): Promise<void> {
    await this.settled(name);
    await this.#options.engine.catalog.commit((transaction) =>
      transaction.put(this.groupRows, name, change(this.#require(transaction, name))),
    );
  }

  /** Resolves when the group and its events are gone. Throws ResourceNotFoundException. */
  async delete(name: string): Promise<void> {
    await this.update(name, (row) => ({ ...row, isDeleting: true }));
    await this.#finishDeletion(name);
  }

  /** Throws ResourceNotFoundException, ResourceAlreadyExistsException, LimitExceededException. */
  async createStream(groupName: string, name: string): Promise<void> {
    if (await this.hasStream(groupName, name)) throw errors.streamExists();
    await this.#options.engine.catalog.commit((transaction) => {
      this.#require(transaction, groupName);
      const key = `${groupName}:${name}`;
      const present = transaction.get(this.streamRows, key);
      if (present !== undefined) throw present.isDeleting ? errors.conflicting() : errors.streamExists();
      if ([...this.streamRows.entries(`${groupName}:`)].length >= logsLimits.streamsPerGroupMax) {
        throw errors.limitExceeded();
      }
      transaction.put(this.streamRows, key, { name, createdMs: this.#options.clock.now() });
    });
  }

  /** Resolves when the stream and its events are gone. Throws ResourceNotFoundException. */
  async deleteStream(groupName: string, name: string): Promise<void> {
    if (!(await this.hasStream(groupName, name))) throw errors.streamNotFound();
    await this.#options.engine.catalog.commit((transaction) => {
      this.#require(transaction, groupName);
      const key = `${groupName}:${name}`;
      const { createdMs } = transaction.get(this.streamRows, key) ?? {
        createdMs: this.#options.clock.now(),
      };
      transaction.put(this.streamRows, key, { name, createdMs, isDeleting: true });
    });
    await this.#finishStreamDeletion(groupName, name);
  }

  /** Removes the files of expired events. */
  async expire(ending: AbortSignal): Promise<void> {
    for (const { name, retentionDays } of Array.from(this.rows())) {
      if (ending.aborted) return;
      if (retentionDays !== undefined) await this.find(name)?.expire(this.expiredBeforeMs(name));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.close()));
  }

  protected override events(name: string): LogGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      const { log, fence, metrics: registry } = this.#options;
      const metrics = new GroupMetrics(registry, name);
      group = new LogGroup({
        name,
        segments: this.#segmentsOf(name),
        log,
        fence,
        metrics,
        recoveries: this.#recoveries,
        opened: () => this.#closeIdle(name),
        ensureListed: () => this.#ensureListed(name),
      });
      this.#groups.set(name, group);
      this.#metrics.set(name, metrics);
    }
    return group;
  }

  #segmentsOf(name: string): LogSegments {
    const { engine, folder, sharesLog } = this.#options;
    return sharesLog === true ? new EngineSegments(engine, name) : segmentFilesOf(folder, name);
  }

  /** Closes the file that was opened first when too many are open. */
  #closeIdle(opened: string): void {
    this.#open.delete(opened);
    this.#open.add(opened);
    const [first] = this.#open;
    if (first === undefined || this.#open.size <= logsLimits.openGroupsMax) return;
    this.#open.delete(first);
    void this.#groups.get(first)?.close();
  }

  async #ensureListed(name: string): Promise<void> {
    if (this.row(name) !== undefined) return;
    if (!this.#held.has(name)) throw errors.groupNotFound();
    await this.#options.engine.catalog.commit((transaction) => {
      const present = transaction.get(this.groupRows, name);
      if (present?.isDeleting) throw errors.conflicting();
      const createdMs = this.#options.clock.now();
      if (present === undefined) this.#add(transaction, { name, createdMs, tags: {} });
    });
  }

  #add(transaction: Transaction, row: LogGroupRow): void {
    if (this.groupRows.size >= logsLimits.groupsMax) throw errors.limitExceeded();
    transaction.put(this.groupRows, row.name, row);
  }

  #require(transaction: Transaction, name: string): LogGroupRow {
    const row = transaction.get(this.groupRows, name);
    if (row === undefined || row.isDeleting) throw errors.groupNotFound();
    return row;
  }

  async #finishDeletion(name: string): Promise<void> {
    await this.events(name).erase();
    this.#metrics.get(name)?.release();
    await this.#options.engine.catalog.commit((transaction) => {
      transaction.delete(this.groupRows, name);
      const streams = [...transaction.entries(this.streamRows, `${name}:`)];
      for (const [key] of streams) transaction.delete(this.streamRows, key);
    });
    if (this.#held.has(name)) return;
    this.#groups.delete(name);
    this.#metrics.delete(name);
  }

  async #finishStreamDeletion(groupName: string, name: string): Promise<void> {
    await this.events(groupName).eraseStream(name);
    await this.#options.engine.catalog.commit((transaction) =>
      transaction.delete(this.streamRows, `${groupName}:${name}`),
    );
  }

  /** Lists groups that have a folder but no row. */
  async #adopt(): Promise<void> {
    const {
      folder,
      engine: { catalog },
    } = this.#options;
    const found: LogGroupRow[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const name = entry.isDirectory() ? nameOf(entry.name) : undefined;
      if (name === undefined || this.groupRows.get(name) !== undefined) continue;
      const { birthtimeMs } = await stat(join(folder, entry.name));
      found.push({ name, createdMs: Math.floor(birthtimeMs), tags: {} });
    }
    if (found.length === 0) return;
    await catalog.commit((transaction) => {
      for (const row of found) transaction.put(this.groupRows, row.name, row);
    });
  }
}

/** The files of a group, below the folder of all groups. */
export function segmentFilesOf(folder: string, groupName: string): SegmentFiles {
  return new SegmentFiles(join(folder, folderOf(groupName)));
}

function folderOf(groupName: string): string {
  const functionName = groupName.startsWith(FUNCTION_PREFIX) ? groupName.slice(FUNCTION_PREFIX.length) : '';
  if (FUNCTION_NAME.test(functionName)) return functionName;
  const encoded = NAMED_PREFIX + encodeURIComponent(groupName);
  if (encoded.length <= FOLDER_NAME_MAX) return encoded;
  return HASHED_PREFIX + createHash('sha256').update(groupName).digest('hex');
}

/** Undefined for a folder that does not tell its group's name. */
function nameOf(folder: string): string | undefined {
  if (folder.startsWith(HASHED_PREFIX)) return undefined;
  if (!folder.startsWith(NAMED_PREFIX)) return logGroupOf(folder);
  return decodeURIComponent(folder.slice(NAMED_PREFIX.length));
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import { LogGroup } from './log-group.ts';

const GROUP_PREFIX = '/aws/lambda/';
/** Folders of groups that are not of functions begin so, which no function's name does. */
const NAMED_PREFIX = '@';

export function logGroupOf(functionName: string): string {
  return GROUP_PREFIX + functionName;
}

/**
 * The output of functions: a log group for each function, `/aws/lambda/<function>`, in its own folder; and the log groups
 * that other services write to.
 */
export class LogStore {
  readonly #folder: string;
  readonly #log: Log;
  /** Keys are function names. */
  readonly #groups = new Map<string, LogGroup>();
  /** Keys are names of groups. */
  readonly #named = new Map<string, LogGroup>();

  private constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Finds the groups of earlier runs in `folder`. */
  static async open(folder: string, log: Log): Promise<LogStore> {
    await makeDurableFolder(folder);
    const store = new LogStore(folder, log);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      if (!entry.name.startsWith(NAMED_PREFIX)) store.group(entry.name);
      else store.named(decodeURIComponent(entry.name.slice(NAMED_PREFIX.length)));
    }
    return store;
  }

  /** The log group of a function, created on first use. Function names are safe as folder names. */
  group(functionName: string): LogGroup {
    let group = this.#groups.get(functionName);
    if (group === undefined) {
      group = new LogGroup(logGroupOf(functionName), join(this.#folder, functionName), this.#log);
      this.#groups.set(functionName, group);
    }
    return group;
  }

  /** The log group of that name, created on first use. */
  named(groupName: string): LogGroup {
    if (groupName.startsWith(GROUP_PREFIX)) return this.group(groupName.slice(GROUP_PREFIX.length));
    let group = this.#named.get(groupName);
    if (group === undefined) {
      group = new LogGroup(groupName, join(this.#folder, folderOf(groupName)), this.#log);
      this.#named.set(groupName, group);
    }
    return group;
  }

  /** Finds a group by name; undefined if nothing was ever written to it. */
  find(groupName: string): LogGroup | undefined {
    if (!groupName.startsWith(GROUP_PREFIX)) return this.#named.get(groupName);
    return this.#groups.get(groupName.slice(GROUP_PREFIX.length));
  }

  /** Ordered by name. */
  all(): LogGroup[] {
    return [...this.#groups.values(), ...this.#named.values()].sort((one, other) =>
      one.name < other.name ? -1 : 1,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map((group) => group.close()));
  }
}

function folderOf(groupName: string): string {
  return NAMED_PREFIX + encodeURIComponent(groupName);
}

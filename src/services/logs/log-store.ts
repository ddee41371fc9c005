import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import { LogGroup } from './log-group.ts';

const GROUP_PREFIX = '/aws/lambda/';

export function logGroupOf(functionName: string): string {
  return GROUP_PREFIX + functionName;
}

/** What functions print: a log group a function, `/aws/lambda/<function>`, in a folder of its own. */
export class LogStore {
  readonly #folder: string;
  readonly #log: Log;
  /** By function name. */
  readonly #groups = new Map<string, LogGroup>();

  private constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Finds the groups of earlier runs in `folder`. */
  static async open(folder: string, log: Log): Promise<LogStore> {
    await makeDurableFolder(folder);
    const store = new LogStore(folder, log);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) store.group(entry.name);
    }
    return store;
  }

  /** The group of a function; made when there is none. Function names are safe as names of folders. */
  group(functionName: string): LogGroup {
    let group = this.#groups.get(functionName);
    if (group === undefined) {
      group = new LogGroup(logGroupOf(functionName), join(this.#folder, functionName), this.#log);
      this.#groups.set(functionName, group);
    }
    return group;
  }

  /** By the name of the group; undefined when no such function has ever printed anything. */
  find(groupName: string): LogGroup | undefined {
    if (!groupName.startsWith(GROUP_PREFIX)) return undefined;
    return this.#groups.get(groupName.slice(GROUP_PREFIX.length));
  }

  /** In the order of their names. */
  all(): LogGroup[] {
    return [...this.#groups.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.close()));
  }
}

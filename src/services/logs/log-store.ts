import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import { LogGroup } from './log-group.ts';

const GROUP_PREFIX = '/aws/lambda/';

export function logGroupOf(functionName: string): string {
  return GROUP_PREFIX + functionName;
}

/** The output of functions: a log group for each function, `/aws/lambda/<function>`, in its own folder. */
export class LogStore {
  readonly #folder: string;
  readonly #log: Log;
  /** Keys are function names. */
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

  /** The log group of a function, created on first use. Function names are safe as folder names. */
  group(functionName: string): LogGroup {
    let group = this.#groups.get(functionName);
    if (group === undefined) {
      group = new LogGroup(logGroupOf(functionName), join(this.#folder, functionName), this.#log);
      this.#groups.set(functionName, group);
    }
    return group;
  }

  /** Finds a group by name; undefined if the function never printed anything. */
  find(groupName: string): LogGroup | undefined {
    if (!groupName.startsWith(GROUP_PREFIX)) return undefined;
    return this.#groups.get(groupName.slice(GROUP_PREFIX.length));
  }

  /** Ordered by name. */
  all(): LogGroup[] {
    return [...this.#groups.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.close()));
  }
}

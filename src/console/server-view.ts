import { denied } from './answers.ts';
import type { Caller } from './caller.ts';
import { type DiskUse, DiskUses } from './disk-use.ts';
import type { Views } from './views.ts';

/** A setting in force. */
export interface ShownSetting {
  readonly name: string;
  /** As it was written. */
  readonly text: string;
  /** A flag, a variable, a line of nagare.yaml, or the default. */
  readonly origin: string;
}

export interface ServerView {
  readonly startedMs: number;
  readonly node: string;
  readonly problems: readonly { readonly message: string }[];
  readonly warnings: readonly string[];
  readonly settings: readonly ShownSetting[];
  readonly disk: DiskUse;
}

export const DESCRIBE_SERVER = 'nagare:DescribeServer';

/**
 * The page of the server. Secrets are in files, not in settings; but settings have the names of these files, so they
 * are for those who may see them.
 */
export class ServerViews {
  readonly #views: Views;
  readonly #disk: DiskUses;

  constructor(views: Views) {
    this.#views = views;
    this.#disk = new DiskUses(views.machine.dataFolder, views.clock);
  }

  /** Throws ConsoleError. */
  async check(caller: Caller): Promise<void> {
    if (!(await caller.may(DESCRIBE_SERVER, '*'))) throw denied(DESCRIBE_SERVER, 'this server');
  }

  async view(): Promise<ServerView> {
    const { problems, warnings } = await this.#views.health();
    return {
      startedMs: this.#views.machine.startedMs,
      node: process.versions.node,
      problems,
      warnings,
      settings: this.#views.machine.settings,
      disk: await this.#disk.measure(),
    };
  }
}

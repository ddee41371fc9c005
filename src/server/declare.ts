import { inOrder, type Problem } from '../config/yaml-reader.ts';
import type { Declarations } from '../config/declarations.ts';
import { ConfigError } from '../config.ts';
import { type Description, merged } from '../declarations/description.ts';
import type { DeclaredThing, Declarer, PlanOptions, Resource, PlanStep } from '../declarations/plan.ts';
import type { Catalog } from '../engine/catalog.ts';
import { DeclarationError, ServiceError } from '../errors.ts';
import { KeyedLock } from '../support/keyed-lock.ts';
import type { Log } from '../support/log.ts';
import { DeclaredBefore } from './declared-before.ts';

/** What was done, or would be done, to one resource. */
export interface PlannedStep {
  /** Such as `streams.orders`. */
  readonly resource: string;
  readonly action: PlanStep['action'] | 'delete' | 'keep';
  readonly details?: string;
}

export interface Applied {
  /** `keep` is for resources that are no longer declared but stay. */
  readonly steps: readonly PlannedStep[];
  /** What services refused, with its place in the file. Nothing was changed if this was known beforehand. */
  readonly problems: readonly string[];
}

export interface ApplyOptions extends PlanOptions {
  /** Changes nothing. */
  readonly dryRun: boolean;
  /** Deletes resources that were declared before and no longer are. */
  readonly prune: boolean;
}

interface Planned {
  readonly thing: DeclaredThing;
  readonly step: PlanStep;
}

/** Number of names in a log line. */
const NAMES_SHOWN = 20;

/** Applies the declarations of `nagare.yaml`, at startup and for `nagare apply`. */
export class Declaring {
  readonly #declarers: ReadonlyMap<string, Declarer>;
  readonly #before: DeclaredBefore;
  readonly #log: Log;
  readonly #lock = new KeyedLock();

  /** The declarers keyed by section, in the order in which to apply them. */
  constructor(declarers: ReadonlyMap<string, Declarer>, catalog: Catalog, log: Log) {
    this.#declarers = declarers;
    this.#before = new DeclaredBefore(catalog, declarers);
    this.#log = log;
  }

  /**
   * `start` lets functions run: it is called once everything that stream readers refer to exists. Throws ConfigError
   * with every refused declaration; if one can be refused beforehand, nothing is changed.
   */
  async atStart(declarations: Declarations, options: PlanOptions, start: () => void): Promise<void> {
    const problems = new Problems(declarations);
    const planned = await this.#plan(declarations, options, problems);
    problems.throwIfAny();
    await applyAll(planned, problems, start);
    problems.throwIfAny();
    for (const { thing, step } of planned) {
      if (step.action !== 'change') continue;
      const resource = nameOf(thing.resource);
      this.#log.info({ resource, changes: step.details }, 'applied the declarations of nagare.yaml');
    }
    const { kept, gone } = await this.#before.remember(planned.map(({ thing }) => thing.resource));
    if (kept.length > 0) {
      this.#log.warn(
        { resources: shown(kept), count: kept.length },
        'resources are no longer declared but were kept: `nagare apply --prune` deletes them',
      );
    }
    if (gone.length > 0) {
      this.#log.warn(
        { resources: shown(gone), count: gone.length },
        'resources that are no longer declared do not exist any more',
      );
    }
  }

  /** What there is, declared or not. */
  async describe(): Promise<Description> {
    const declarers = [...new Set(this.#declarers.values())];
    return merged(await Promise.all(declarers.map(async (declarer) => await declarer.describe())));
  }

  /** Applies declarations to a running server. */
  async apply(declarations: Declarations, options: ApplyOptions): Promise<Applied> {
    return await this.#lock.exclusive('apply', () => this.#apply(declarations, options));
  }

  async #apply(declarations: Declarations, options: ApplyOptions): Promise<Applied> {
    const problems = new Problems(declarations);
    const planned = await this.#plan(declarations, options, problems);
    if (problems.any) return { steps: [], problems: problems.texts };
    const declared = planned.map(({ thing }) => thing.resource);
    const steps = planned.map(({ thing, step: { action, details } }) => ({
      resource: nameOf(thing.resource),
      action,
      ...(details !== undefined && { details }),
    }));
    const action = options.prune ? ('delete' as const) : ('keep' as const);
    const undeclared = await this.#before.kept(declared);
    const all = [...steps, ...undeclared.map((resource) => ({ resource: nameOf(resource), action }))];
    if (options.dryRun) return { steps: all, problems: [] };
    await applyAll(planned, problems, () => {});
    if (options.prune) {
      for (const resource of undeclared) {
        const found = await this.#before.find(resource);
        if (found !== undefined) await problems.of(nameOf(resource), undefined, () => found.remove());
      }
    }
    // Remember failed declarations too: their resources may exist in part.
    await this.#before.remember(declared);
    return { steps: all, problems: problems.texts };
  }

  async #plan(declarations: Declarations, options: PlanOptions, problems: Problems): Promise<Planned[]> {
    const planned: Planned[] = [];
    for (const declarer of new Set(this.#declarers.values())) {
      for (const thing of declarer.plan(declarations, options)) {
        const step = await problems.checking(thing);
        if (step !== undefined) planned.push({ thing, step });
      }
    }
    return planned;
  }
}

/** Applies resources before those that refer to them. */
async function applyAll(planned: readonly Planned[], problems: Problems, start: () => void): Promise<void> {
  const apply = async ({ thing, step }: Planned): Promise<void> => {
    await problems.of(nameOf(thing.resource), thing.path, () => step.apply());
  };
  for (const one of planned) if (one.thing.readsStreams !== true) await apply(one);
  start();
  for (const one of planned) if (one.thing.readsStreams === true) await apply(one);
}

function nameOf(resource: Resource): string {
  return resource.join('.');
}

function shown(resources: readonly Resource[]): string {
  const names = resources.slice(0, NAMES_SHOWN).map(nameOf).join(', ');
  return resources.length > NAMES_SHOWN ? `${names}, ...` : names;
}

/** Collects errors that services raise; all other errors are rethrown. */
class Problems {
  readonly #declarations: Declarations;
  readonly #found: Problem[];

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
    this.#found = [...declarations.problems];
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** From the top of the file to its end. */
  get texts(): string[] {
    return inOrder(this.#found);
  }

  /** Returns the result of a check; undefined when it failed. */
  async checking(thing: DeclaredThing): Promise<PlanStep | undefined> {
    const { resource, path } = thing;
    try {
      return await thing.check();
    } catch (error) {
      this.#note(nameOf(resource), path, error);
      return undefined;
    }
  }

  /** `path` is the declaration's place in the file, if it has one. */
  async of(name: string, path: string | undefined, change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      this.#note(name, path, error);
    }
  }

  throwIfAny(): void {
    if (this.any) throw new ConfigError(this.texts);
  }

  #note(name: string, path: string | undefined, error: unknown): void {
    if (!(error instanceof ServiceError) && !(error instanceof DeclarationError)) throw error;
    const { message } = error;
    if (path === undefined) {
      this.#found.push({ path: '', line: Infinity, text: `${name}: ${message}` });
      return;
    }
    const isListed = path.startsWith('buckets.');
    this.#found.push(this.#declarations.problem(path, message, isListed ? name : path));
  }
}

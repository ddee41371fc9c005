import type { Description } from './description.ts';
import type { Declarations, Section } from '../config/declarations.ts';

/** What a declaration would do to its resource in the current state. */
export interface PlanStep {
  readonly action: 'create' | 'change' | 'leave';
  /** The changes, such as `shardCount 2 -> 4`. */
  readonly details?: string;
  /** Throws ServiceError, DeclarationError. */
  apply(): Promise<void>;
}

/**
 * The path of a resource by names: `['functions', 'consumer', 'eventSources', 'orders']`. It begins with the section,
 * and is what the server remembers of a declaration.
 */
export type Resource = readonly string[];

/** One declared resource; an entry of the file may declare several. */
export interface DeclaredThing {
  readonly resource: Resource;
  /** Its path in the file. */
  readonly path: string;
  /** It reads streams: it is applied after everything it may refer to, when functions may run. */
  readonly readsStreams?: true;
  /**
   * Determines the step, and throws ServiceError or DeclarationError for what the service refuses. All resources are
   * checked before any is applied, so each check assumes that the others exist.
   */
  check(): PlanStep | Promise<PlanStep>;
}

export interface PlanOptions {
  /** Streams may end up with fewer shards. */
  readonly allowReshard: boolean;
  /** Folder to which relative paths refer. */
  readonly baseDir: string;
}

/** A resource that was declared and exists. */
export interface Removable {
  /** Throws ServiceError. */
  remove(): Promise<void>;
}

/** What a service does for the sections that it registered. */
export interface Declarer {
  /** The resources of all its sections, in the order in which to apply them. */
  plan(declarations: Declarations, options: PlanOptions): readonly DeclaredThing[];
  /** All that exists, declared or not. */
  describe(): Description | Promise<Description>;
  /** Finds a resource of one of its sections; undefined when it does not exist. */
  find(resource: Resource): Removable | undefined | Promise<Removable | undefined>;
}

/** The sections that services registered, in order. */
export function sectionsOf(
  registrations: readonly { readonly declares?: readonly Section<unknown>[] | undefined }[],
): Section<unknown>[] {
  return registrations.flatMap(({ declares = [] }) => declares);
}

/** Describes the differences. */
export function differences(
  pairs: Readonly<Record<string, readonly [before: unknown, after: unknown]>>,
): string {
  return Object.entries(pairs)
    .filter(([, [before, after]]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([name, [before, after]]) => `${name} ${shown(before)} -> ${shown(after)}`)
    .join(', ');
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

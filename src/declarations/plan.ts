import type { Declarations, Section } from '../config/declarations.ts';

/** What a declaration would do to the thing that it is about, as things are now. */
export interface PlanStep {
  readonly action: 'create' | 'change' | 'leave';
  /** What changes, such as `shardCount 2 -> 4`. */
  readonly details?: string;
  /** Throws ServiceError, DeclarationError. */
  apply(): Promise<void>;
}

/**
 * The path of a thing by names: `['functions', 'consumer', 'eventSources', 'orders']`. It begins with the section, and
 * is what is remembered of a declaration.
 */
export type Resource = readonly string[];

/** One thing that is declared; an entry of the file may declare several. */
export interface DeclaredThing {
  readonly resource: Resource;
  /** Where it stands in the file. */
  readonly path: string;
  /** It reads streams: it comes when all that it may refer to is there, and functions may run. */
  readonly readsStreams?: true;
  /**
   * Finds out what is to be done, and throws ServiceError or DeclarationError for what the service refuses. All are
   * checked before any is applied, so each takes the others as being there.
   */
  check(): PlanStep;
}

export interface PlanOptions {
  /** Shards of a stream may become fewer. */
  readonly allowReshard: boolean;
  /** Folder that relative paths are relative to. */
  readonly baseDir: string;
}

/** Something that was declared, and is there. */
export interface Removable {
  /** Throws ServiceError. */
  remove(): Promise<void>;
}

/** What a service does for the sections that it registered. */
export interface Declarer {
  /** The things of all its sections, in the order in which they are to be applied. */
  plan(declarations: Declarations, options: PlanOptions): readonly DeclaredThing[];
  /** A thing of one of its sections; undefined when it is not there. */
  find(resource: Resource): Removable | undefined;
}

/** The sections that services registered, in their order. */
export function sectionsOf(
  registrations: readonly { readonly declares?: readonly Section<unknown>[] | undefined }[],
): Section<unknown>[] {
  return registrations.flatMap(({ declares = [] }) => declares);
}

/** What differs, in words. */
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

import { type Context, Env, type Filter, guarded } from './filter.ts';
import { get, type Path } from './paths.ts';
import { namesOf, type Node, type Pattern, type Patterns } from './syntax.ts';
import type { Scope } from './scope.ts';
import { JqError, type Json } from './values.ts';

type CompilePart = (part: Node, inner?: Scope) => Filter;
type Bound = (env: Env | undefined) => void;
/** Calls `then` for each way in which the patterns fit a value. */
type Destructure = (value: Json, input: Json, env: Env | undefined, then: Bound) => void;

/** `reduce`, `foreach` and `as`. */
export function bindings(
  node: Node & { kind: 'reduce' | 'foreach' | 'bind' },
  compiled: CompilePart,
  scopeOf: (patterns: Patterns) => Scope | undefined,
  context: Context,
): Filter {
  const source = compiled(node.source);
  const inner = scopeOf(node.patterns);
  const destructure = destructuring(node.patterns, (part) => compiled(part, inner));
  switch (node.kind) {
    case 'bind': {
      const body = compiled(node.body, inner);
      return (input, path, env, out) =>
        source(input, undefined, env, (value) =>
          destructure(value, input, env, (bound) => body(input, path, bound, out)),
        );
    }
    case 'reduce':
      return reduceFilter(
        { source, destructure, init: compiled(node.init), update: compiled(node.update, inner) },
        context,
      );
    case 'foreach':
      return foreachFilter(
        { source, destructure, init: compiled(node.init), update: compiled(node.update, inner) },
        compiled(node.extract, inner),
        context,
      );
  }
}

interface Loop {
  readonly source: Filter;
  readonly destructure: Destructure;
  readonly init: Filter;
  readonly update: Filter;
}

function reduceFilter({ source, destructure, init, update }: Loop, { budget }: Context): Filter {
  return (input, path, env, out) =>
    init(input, path, env, (first, firstPath) => {
      let state = first;
      let statePath = firstPath;
      source(input, undefined, env, (item) => {
        budget.spend(1);
        destructure(item, input, env, (bound) => {
          let last: Json = null;
          let lastPath: Path | undefined = path === undefined ? undefined : [];
          update(state, statePath, bound, (value, found) => {
            last = value;
            lastPath = found;
          });
          state = last;
          statePath = lastPath;
        });
      });
      out(state, statePath);
    });
}

function foreachFilter(
  { source, destructure, init, update }: Loop,
  extract: Filter,
  { budget }: Context,
): Filter {
  return (input, path, env, out) =>
    init(input, path, env, (first, firstPath) => {
      let state = first;
      let statePath = firstPath;
      source(input, undefined, env, (item) => {
        budget.spend(1);
        destructure(item, input, env, (bound) =>
          update(state, statePath, bound, (value, found) => {
            state = value;
            statePath = found;
            extract(value, found, bound, out);
          }),
        );
      });
    });
}

function destructuring(patterns: Patterns, compiled: CompilePart): Destructure {
  const names = namesOf(patterns);
  const [only] = patterns;
  if (patterns.length === 1 && only?.kind === 'name') {
    return (value, _, env, then) => {
      const bound = new Env(env);
      bound.value = value;
      then(bound);
    };
  }
  const fits = patterns.map((pattern) => fitting(pattern, names, compiled));
  return (value, input, env, then) => {
    let bound = env;
    const slots = names.map(() => (bound = new Env(bound)));
    const attempt = (at: number): void => {
      const fit = fits[at];
      if (fit === undefined) return;
      for (const slot of slots) slot.value = null;
      const run = () => fit(value, { input, env: bound, slots }, () => then(bound));
      if (at === fits.length - 1) return run();
      let failed = false;
      guarded(
        run,
        () => {},
        (error) => (failed = error instanceof JqError),
      );
      if (failed) attempt(at + 1);
    };
    attempt(0);
  };
}

interface Place {
  readonly input: Json;
  readonly env: Env | undefined;
  readonly slots: readonly Env[];
}

type Fit = (value: Json, place: Place, then: () => void) => void;

function fitting(pattern: Pattern, names: readonly string[], compiled: CompilePart): Fit {
  const set = (name: string): Fit => {
    const index = names.indexOf(name);
    return (value, { slots }, then) => {
      const slot = slots[index];
      if (slot !== undefined) slot.value = value;
      then();
    };
  };
  switch (pattern.kind) {
    case 'name':
      return set(pattern.name);
    case 'array': {
      const items = pattern.items.map((item) => fitting(item, names, compiled));
      return (value, place, then) => {
        const from = (at: number): void => {
          const item = items[at];
          if (item === undefined) return then();
          item(get(value, at), place, () => from(at + 1));
        };
        from(0);
      };
    }
    case 'object': {
      const entries = pattern.entries.map(({ key, name, value }) => ({
        key: compiled(key),
        name: name === undefined ? undefined : set(name),
        value: value === undefined ? undefined : fitting(value, names, compiled),
      }));
      return (value, place, then) => {
        const from = (at: number): void => {
          const entry = entries[at];
          if (entry === undefined) return then();
          entry.key(place.input, undefined, place.env, (key) => {
            if (typeof key !== 'string')
              throw new JqError('Cannot index object with a key that is not a string');
            const found = get(value, key);
            const deeper = () =>
              entry.value === undefined ? from(at + 1) : entry.value(found, place, () => from(at + 1));
            if (entry.name === undefined) deeper();
            else entry.name(found, place, deeper);
          });
        };
        from(0);
      };
    }
  }
}

import { type Filter, JqBreak, madePath, type Native, NO_PATH } from './filter.ts';
import { pathsOf } from './assign.ts';
import { getPath, invalidPath, type Path } from './paths.ts';
import { isObject, isTrue, JqError, type Json, member } from './values.ts';

function only(args: readonly Filter[], at = 0): Filter {
  const arg = args[at];
  if (arg === undefined) throw new TypeError('a native function got fewer arguments than its name says');
  return arg;
}

function children(value: Json, path: Path | undefined): (readonly [Json, Path | undefined])[] {
  if (path === NO_PATH) throw invalidPath(value);
  const below = (key: Json): Path | undefined => (path === undefined ? undefined : [...path, key]);
  if (Array.isArray(value)) return value.map((item, at) => [item, below(at)] as const);
  if (isObject(value)) return Object.keys(value).map((key) => [member(value, key), below(key)] as const);
  return [];
}

/** Functions whose outputs have paths, or that would be too slow in jq. */
export const PATH_NATIVES: Readonly<Record<string, Native>> = {
  'empty/0': () => () => {},
  'error/0': () => (input) => raise(input),
  'error/1': (args) => (input, _, env) => only(args)(input, undefined, env, raise),
  'select/1': (args) => {
    const condition = only(args);
    return (input, path, env, out) =>
      condition(input, undefined, env, (value) => {
        if (isTrue(value)) out(input, path);
      });
  },
  'path/1': (args) => {
    const filter = only(args);
    return (input, path, env, out) => pathsOf(filter, input, env, (found) => out([...found], madePath(path)));
  },
  'getpath/1': (args) => {
    const keys = only(args);
    return (input, path, env, out) =>
      keys(input, undefined, env, (found) => {
        if (!Array.isArray(found)) throw new JqError('Path must be specified as an array');
        if (path === NO_PATH) throw invalidPath(input);
        out(getPath(input, found), path === undefined ? undefined : [...path, ...found]);
      });
  },
  'recurse/0':
    (_, { budget }) =>
    (input, path, __, out) => {
      const waiting: (readonly [Json, Path | undefined])[] = [[input, path]];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        budget.spend(1);
        out(...next);
        waiting.push(...children(...next).toReversed());
      }
    },
  'recurse/1': (args, { budget }) => {
    const step = only(args);
    return (input, path, env, out) => {
      const waiting: (readonly [Json, Path | undefined])[] = [[input, path]];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        budget.spend(1);
        out(...next);
        const found: (readonly [Json, Path | undefined])[] = [];
        step(...next, env, (...output) => found.push(output));
        waiting.push(...found.toReversed());
      }
    };
  },
  'range/1': (args, context) => range(() => [0], only(args), context.budget),
  'range/2': (args, context) => range(only(args), only(args, 1), context.budget),
  'range/3':
    (args, { budget }) =>
    (input, path, env, out) =>
      only(args)(input, undefined, env, (from) =>
        only(args, 1)(input, undefined, env, (upTo) =>
          only(args, 2)(input, undefined, env, (by) => {
            const [start, end, step] = numbers(from, upTo, by);
            for (let at = start; step > 0 ? at < end : step < 0 ? at > end : start < end; at += step) {
              budget.spend(1);
              out(at, madePath(path));
            }
          }),
        ),
      ),
  'limit/2': (args) => (input, path, env, out) =>
    only(args)(input, undefined, env, (count) => {
      const [most] = numbers(count);
      // As in jq 1.6, a negative count means no limit, and zero allows one output.
      if (most < 0) return only(args, 1)(input, path, env, out);
      take(only(args, 1), most, input, path, env, out);
    }),
  'first/1': (args) => (input, path, env, out) => take(only(args), 1, input, path, env, out),
  'isempty/1': (args) => (input, path, env, out) => {
    let empty = true;
    take(only(args), 1, input, undefined, env, () => (empty = false));
    out(empty, madePath(path));
  },
  'last/1': (args) => (input, path, env, out) => {
    let last: readonly [Json, Path | undefined] | undefined;
    only(args)(input, path, env, (...output) => (last = output));
    if (last !== undefined) out(...last);
  },
  'until/2': (args, { budget }) => {
    const [condition, change] = [only(args), only(args, 1)];
    return (input, path, env, out) => {
      const waiting: (readonly [Json, Path | undefined])[] = [[input, path]];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [value, place] = next;
        budget.spend(1);
        condition(value, undefined, env, (holds) => {
          if (isTrue(holds)) return out(value, place);
          const found: (readonly [Json, Path | undefined])[] = [];
          change(value, place, env, (...output) => found.push(output));
          waiting.push(...found.toReversed());
        });
      }
    };
  },
};

/** As in jq 1.6, an error of null gives no output. */
function raise(value: Json): void {
  if (value !== null) throw new JqError(value);
}

function range(
  from: Filter | (() => [number]),
  upTo: Filter,
  budget: { spend(steps: number): void },
): Filter {
  return (input, path, env, out) => {
    const start = (first: Json): void =>
      upTo(input, undefined, env, (last) => {
        const [begin, end] = numbers(first, last);
        for (let at = begin; at < end; at++) {
          budget.spend(1);
          out(at, madePath(path));
        }
      });
    if (from.length === 0) start(0);
    else from(input, undefined, env, start);
  };
}

function numbers(...values: Json[]): [number, number, number] {
  const [a = 0, b = 0, c = 0] = values.map((value) => {
    if (typeof value !== 'number') throw new JqError('Range bounds must be numeric');
    return value;
  });
  return [a, b, c];
}

/** Passes on the first outputs of a filter and then stops it. */
function take(filter: Filter, most: number, ...[input, path, env, out]: Parameters<Filter>): void {
  const stop = new JqBreak({ label: 'limit' });
  let left = most;
  try {
    filter(input, path, env, (value, found) => {
      left--;
      out(value, found);
      if (left <= 0) throw stop;
    });
  } catch (error) {
    if (error !== stop) throw error;
  }
}

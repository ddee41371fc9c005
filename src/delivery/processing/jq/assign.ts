import { calculate, type Arithmetic } from './arithmetic.ts';
import { type Context, type Filter, JqBreak, madePath, NO_PATH } from './filter.ts';
import { deletePaths, getPath, invalidPath, type Path, update } from './paths.ts';
import type { AssignOperator } from './syntax.ts';
import { isTrue, type Json } from './values.ts';

/** Returns the paths of a filter's outputs in its input. */
export function pathsOf(
  filter: Filter,
  input: Json,
  env: Parameters<Filter>[2],
  found: (path: Path) => void,
): void {
  filter(input, [], env, (value, path) => {
    if (path === undefined || path === NO_PATH) throw invalidPath(value);
    found(path);
  });
}

export function assignment(operator: AssignOperator, left: Filter, right: Filter, context: Context): Filter {
  if (operator === '|=') return modify(left, right, context);
  const { budget } = context;
  const change = changeOf(operator, context);
  return (input, path, env, out) =>
    right(input, undefined, env, (value) => {
      let result = input;
      pathsOf(left, input, env, (place) => {
        result = update(result, place, (old) => change(old, value), budget);
      });
      out(result, madePath(path));
    });
}

function changeOf(
  operator: Exclude<AssignOperator, '|='>,
  { budget }: Context,
): (old: Json, value: Json) => Json {
  if (operator === '=') return (_, value) => value;
  if (operator === '//=') return (old, value) => (isTrue(old) ? old : value);
  // The remaining operators are arithmetic ones with `=`.
  const arithmetic = operator.slice(0, -1) as Arithmetic;
  return (old, value) => calculate(arithmetic, old, value, budget);
}

/** Replaces the value at each path with the filter's first output, or deletes it if there is no output. */
function modify(left: Filter, filter: Filter, { budget }: Context): Filter {
  return (input, path, env, out) => {
    let result = input;
    pathsOf(left, input, env, (place) => {
      const first = firstOutput(filter, getPath(result, place), env);
      result =
        first === undefined
          ? deletePaths(result, [[...place]], budget)
          : update(result, place, () => first.value, budget);
    });
    out(result, madePath(path));
  };
}

function firstOutput(filter: Filter, input: Json, env: Parameters<Filter>[2]): { value: Json } | undefined {
  const stop = new JqBreak({ label: 'first' });
  let first: { value: Json } | undefined;
  try {
    filter(input, undefined, env, (value) => {
      first = { value };
      throw stop;
    });
  } catch (error) {
    if (error !== stop) throw error;
  }
  return first;
}

import { type Context, madePath, type Native } from './filter.ts';
import type { Json } from './values.ts';

export type Compute = (input: Json, args: readonly Json[], context: Context) => Json;

/**
 * A function of values: it is called for each combination of its arguments' outputs, with the last argument as the
 * outermost loop.
 */
export function ofValues(compute: Compute): Native {
  return (args, context) => (input, path, env, out) => {
    const values: Json[] = [];
    const from = (at: number): void => {
      const arg = args[at];
      if (arg === undefined) return out(compute(input, values, context), madePath(path));
      arg(input, undefined, env, (value) => {
        values[at] = value;
        from(at - 1);
      });
    };
    if (args.length === 0) out(compute(input, values, context), madePath(path));
    else from(args.length - 1);
  };
}

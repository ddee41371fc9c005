import { negate } from './arithmetic.ts';
import { type Filter, guarded, madePath } from './filter.ts';
import { isTrue, JqError, type Json } from './values.ts';

export function pipeFilter(left: Filter, right: Filter): Filter {
  return (input, path, env, out) => left(input, path, env, (value, found) => right(value, found, env, out));
}

export function commaFilter(left: Filter, right: Filter): Filter {
  return (input, path, env, out) => {
    left(input, path, env, out);
    right(input, path, env, out);
  };
}

export function negateFilter(body: Filter): Filter {
  return (input, path, env, out) =>
    body(input, undefined, env, (value) => out(negate(value), madePath(path)));
}

export function logicFilter(kind: 'and' | 'or', left: Filter, right: Filter): Filter {
  const decided = kind === 'or';
  return (input, path, env, out) =>
    left(input, undefined, env, (value) => {
      if (isTrue(value) === decided) out(decided, madePath(path));
      else right(input, undefined, env, (other) => out(isTrue(other), madePath(path)));
    });
}

export function alternativeFilter(left: Filter, right: Filter): Filter {
  return (input, path, env, out) => {
    let any = false;
    // As in jq 1.6, errors of the left side are not caught.
    left(input, path, env, (value, found) => {
      if (!isTrue(value)) return;
      any = true;
      out(value, found);
    });
    if (!any) right(input, path, env, out);
  };
}

/** Combines each value of the right side with each value of the left. */
export function binaryFilter(left: Filter, right: Filter, result: (a: Json, b: Json) => Json): Filter {
  return (input, path, env, out) =>
    right(input, undefined, env, (b) =>
      left(input, undefined, env, (a) => out(result(a, b), madePath(path))),
    );
}

export function ifFilter(condition: Filter, whenTrue: Filter, whenFalse: Filter): Filter {
  return (input, path, env, out) =>
    condition(input, undefined, env, (value) =>
      (isTrue(value) ? whenTrue : whenFalse)(input, path, env, out),
    );
}

export function tryFilter(body: Filter, handler: Filter | undefined): Filter {
  return (input, path, env, out) => {
    let caught: JqError | undefined;
    guarded(
      (inner) => body(input, path, env, inner),
      out,
      (error) => {
        if (!(error instanceof JqError)) return false;
        caught = error;
        return true;
      },
    );
    if (caught !== undefined) handler?.(caught.value, madePath(path), env, out);
  };
}

import type { Budget } from './budget.ts';
import type { Path } from './paths.ts';
import type { Json } from './values.ts';

/** Receives the outputs of a filter. The path is undefined unless paths are requested (`path(f)`). */
export type Out = (value: Json, path: Path | undefined) => void;

/** A compiled part of a program. If the input has a path, each output has its path in the input, or NO_PATH. */
export type Filter = (input: Json, path: Path | undefined, env: Env | undefined, out: Out) => void;

/** The path of a computed value, which is not part of the input: `path(1)` is an error. */
export const NO_PATH: Path = Object.freeze(['']);

export function madePath(path: Path | undefined): Path | undefined {
  return path === undefined ? undefined : NO_PATH;
}

export function ignorePath(): void {}

/** A function and its definition's environment. */
export interface Closure {
  readonly filter: Filter;
  env: Env | undefined;
}

/** Identifies one execution of a `label`. */
export interface Label {
  readonly label: string;
}

/** The bindings of variables, functions and labels, innermost first. */
export class Env {
  readonly parent: Env | undefined;
  value: Json = null;
  closure: Closure | undefined;
  label: Label | undefined;

  constructor(parent: Env | undefined) {
    this.parent = parent;
  }
}

export function withValue(parent: Env | undefined, value: Json): Env {
  const env = new Env(parent);
  env.value = value;
  return env;
}

export function withClosure(parent: Env | undefined, filter: Filter, defined: Env | undefined): Env {
  const env = new Env(parent);
  env.closure = { filter, env: defined };
  return env;
}

/** `break $name`: ends the label's body; no `try` catches it. */
export class JqBreak extends Error {
  override readonly name = 'JqBreak';
  readonly label: Label;

  constructor(label: Label) {
    super(`break ${label.label}`);
    this.label = label;
  }
}

/** The state that all filters of a program share. */
export interface Context {
  readonly budget: Budget;
  /** The value of `now`, in seconds. */
  now: number;
}

/** A function that is not written in jq. It is called once for each call site in a program. */
export type Native = (args: readonly Filter[], context: Context) => Filter;

/** Runs a body. Only the body itself can stop it, not the receiver of its outputs. */
export function untilBroken(run: (stop: () => never) => void): void {
  const label: Label = { label: '*' };
  const broken = new JqBreak(label);
  try {
    run(() => {
      throw broken;
    });
  } catch (error) {
    if (error !== broken) throw error;
  }
}

/** An error in the receiver of a `try`'s outputs, which that `try` must not catch. */
class Downstream extends Error {
  override readonly name = 'Downstream';
  readonly error: unknown;

  constructor(error: unknown) {
    super('an error further down');
    this.error = error;
  }
}

/** Runs a body. `failed` receives errors of the body itself and returns whether it handled them. */
export function guarded(run: (out: Out) => void, out: Out, failed: (error: unknown) => boolean): void {
  try {
    run((value, path) => {
      try {
        out(value, path);
      } catch (error) {
        throw new Downstream(error);
      }
    });
  } catch (error) {
    if (error instanceof Downstream) throw error.error;
    if (!failed(error)) throw error;
  }
}

import type { Context, Filter } from './filter.ts';

/** The names in scope, innermost first; an Env has the same order. */
export interface Scope {
  readonly parent: Scope | undefined;
  /** `$name`, `name/arity` or `*name` (a label). */
  readonly name: string;
  readonly definition?: FunctionDefinition;
}

export interface FunctionDefinition {
  readonly params: readonly string[];
  /** Undefined while its own body is compiled. */
  filter: Filter | undefined;
}

/** The compiler of one program. */
export interface Compiler {
  readonly context: Context;
  readonly library: FunctionLibrary;
  /** The nesting of nodes: filters call each other to the same depth. */
  depth: number;
}

export interface FunctionLibrary {
  /** Compiles a call of a function that the program does not define. Throws JqSyntaxError if it does not exist. */
  call(name: string, args: readonly Filter[], compiler: Compiler): Filter;
}

import type { Context, Filter } from './filter.ts';

/** What names mean, innermost first; an Env has the same order. */
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

/** What compiles one program. */
export interface Compiler {
  readonly context: Context;
  readonly library: FunctionLibrary;
  /** Nodes within each other: filters call each other as deeply. */
  depth: number;
}

export interface FunctionLibrary {
  /** A call of a function that the program does not define. Throws JqSyntaxError if there is none. */
  call(name: string, args: readonly Filter[], compiler: Compiler): Filter;
}

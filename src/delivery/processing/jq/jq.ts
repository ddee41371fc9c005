import { Budget, JqBudgetError } from './budget.ts';
import { compileNode } from './compile.ts';
import { type Context, JqBreak } from './filter.ts';
import { Library } from './library.ts';
import { parse } from './parser.ts';
import { JqSyntaxError } from './tokens.ts';
import { JqError, type Json } from './values.ts';

/** The program failed for a record: it raised an error or exceeded its limits. */
export class JqRunError extends Error {
  override readonly name = 'JqRunError';
}

export interface JqLimits {
  /** Limits for one record. */
  readonly stepsMax: number;
  readonly callDepthMax: number;
}

export interface JqProgram {
  /** Whether the program uses regular expressions, whose time is not counted in steps. */
  readonly usesRegex: boolean;
  /** Returns all outputs. `nowMs` is the time of jq's `now`. Throws JqRunError. */
  run(input: Json, nowMs: number): Json[];
}

/**
 * Compiles a jq 1.6 program. A program can only access its input: no files, no environment, no other records. Throws
 * JqSyntaxError.
 */
export function compileJq(text: string, { stepsMax, callDepthMax }: JqLimits): JqProgram {
  const budget = new Budget(stepsMax, callDepthMax);
  const context = { budget, now: 0 };
  const library = new Library();
  const filter = compileText(text, context, library);
  return {
    usesRegex: library.usesRegex,
    run: (input, nowMs) => {
      budget.reset();
      context.now = nowMs / 1000;
      const outputs: Json[] = [];
      try {
        filter(input, undefined, undefined, (value) => {
          budget.spend(1);
          outputs.push(value);
        });
      } catch (error) {
        throw runError(error);
      }
      return outputs;
    },
  };
}

function compileText(text: string, context: Context, library: Library) {
  try {
    return compileNode(parse(text), undefined, { context, library, depth: 0 });
  } catch (error) {
    // The parser and the compiler are recursive.
    if (error instanceof RangeError) throw new JqSyntaxError('the program is nested too deeply');
    throw error;
  }
}

function runError(error: unknown): unknown {
  if (error instanceof JqError || error instanceof JqBudgetError || error instanceof JqBreak) {
    return new JqRunError(error.message);
  }
  // The value is nested too deeply for the stack, or a string is too long.
  if (error instanceof RangeError)
    return new JqRunError('The record is too large or nested too deeply for the jq program.');
  return error;
}

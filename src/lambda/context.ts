import type { FunctionRegistry } from './function-registry.ts';

/** What the operations of Lambda's API work on. */
export interface LambdaContext {
  readonly functions: FunctionRegistry;
}

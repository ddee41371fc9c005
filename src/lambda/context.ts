import type { FunctionRegistry } from './function-registry.ts';
import type { EventSourceMappings } from './mapping/event-source-mappings.ts';

/** What the operations of Lambda's API work on. */
export interface LambdaContext {
  readonly functions: FunctionRegistry;
  readonly mappings: EventSourceMappings;
}

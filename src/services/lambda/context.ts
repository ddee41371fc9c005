import type { Clock } from '../../support/clock.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { Invoker } from './invoker.ts';
import type { EventSourceMappings } from './mapping/event-source-mappings.ts';

/** What the operations of Lambda's API work on. */
export interface LambdaContext {
  readonly functions: FunctionRegistry;
  readonly invoker: Invoker;
  readonly mappings: EventSourceMappings;
  readonly clock: Clock;
  /** Where clients find the server. */
  readonly endpoint: () => string;
}

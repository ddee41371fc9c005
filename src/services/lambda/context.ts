import type { OwnKeys } from '../registration.ts';
import type { Clock } from '../../support/clock.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { Invoker } from './invoker.ts';
import type { EventSourceMappings } from './mapping/event-source-mappings.ts';

/** The state that Lambda's operations share. */
export interface LambdaContext {
  readonly functions: FunctionRegistry;
  readonly invoker: Invoker;
  readonly mappings: EventSourceMappings;
  readonly clock: Clock;
  /** The URL at which clients reach the server. */
  readonly endpoint: () => string;
  readonly ownKeys: OwnKeys | undefined;
}

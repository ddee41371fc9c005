import type { OwnUrls } from '../../auth/keys/own-urls.ts';
import type { Acting } from '../../auth/authorization/acting.ts';
import type { RequestTraces } from '../../protocol/trace-context.ts';
import type { Targets } from '../../aws/targets.ts';
import type { Clock } from '../../support/clock.ts';
import type { Aliases } from './versions/aliases.ts';
import type { FunctionChanges } from './function-changes.ts';
import type { FunctionDirectory } from './function-directory.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { EventInvokeConfigs } from './events/event-invoke-config.ts';
import type { Invoker } from './invoker.ts';
import type { EventSourceMappings } from './mapping/event-source-mappings.ts';
import type { MappingList } from './mapping/mapping-list.ts';
import type { FunctionPolicies } from './policies/function-policies.ts';
import type { LayerList } from './layers/layer-list.ts';
import type { Layers } from './layers/layers.ts';
import type { Uploads } from './upload.ts';

/** The state of the operations that only read. */
export interface LambdaReads {
  readonly functions: Omit<FunctionDirectory, 'aliases'> & {
    readonly aliases: Pick<Aliases, 'arn' | 'describe'>;
  };
  readonly layers: LayerList;
  readonly mappings: MappingList;
  readonly policies: Pick<FunctionPolicies, 'get' | 'revisionOf'>;
  readonly eventInvokeConfigs: Pick<EventInvokeConfigs, 'get' | 'list'>;
  /** The URL at which clients reach the server. */
  readonly endpoint: () => string;
  /** Undefined if signatures are not verified: then URLs need none. */
  readonly ownUrls: OwnUrls | undefined;
}

/** The state that Lambda's operations share. */
export interface LambdaContext extends LambdaReads {
  readonly functions: FunctionRegistry;
  readonly changes: FunctionChanges;
  readonly uploads: Uploads;
  readonly layers: Layers;
  readonly invoker: Invoker;
  readonly mappings: EventSourceMappings;
  readonly policies: FunctionPolicies;
  readonly eventInvokeConfigs: EventInvokeConfigs;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly acting: Acting;
  readonly traces: RequestTraces;
  /** Has runtime interface clients for functions that bring none. */
  readonly runtimeFolder: string | undefined;
}

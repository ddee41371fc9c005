import type { RequestTraces } from '../../protocol/trace-context.ts';
import type { WorkSpans } from '../../support/work-spans.ts';
import type { OwnUrls } from '../../auth/keys/own-urls.ts';
import type { Acting } from '../../auth/authorization/acting.ts';
import type { Clock } from '../../support/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import type { IsolationLevel } from './isolation/isolation.ts';
import type { Log } from '../../support/log.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { MessageQueues } from '../sqs/message-queues.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { OwnKeys } from '../registration.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { Targets } from '../../aws/targets.ts';

/** What Lambda needs of the server, and its settings. */
export interface LambdaOptions {
  /** Traces of invocations that no request makes; by default they only pass on the traces of what causes them. */
  readonly spans?: WorkSpans | undefined;
  /** The traces of the requests that invoke functions; by default those that callers name. */
  readonly traces?: RequestTraces;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  readonly streams: StreamSource;
  readonly queues: MessageQueues;
  /** Destinations for the records that mappings discard. */
  readonly targets: Targets;
  /** Has the code that callers name by bucket and key. */
  readonly store: ObjectStore;
  /** Stores the output of functions. */
  readonly logs: LogStore;
  /** Folder for code; created when it does not exist. */
  readonly folder: string;
  /** The folder is a cache: the engine, which other machines have too, has the code. */
  readonly sharesLog?: boolean | undefined;
  /** The server's URL for functions. Read when a process starts. */
  readonly endpoint: () => string;
  /** Where functions find objects, if these are in another S3. */
  readonly objectsEndpoint?: string | undefined;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** Makes the credentials that functions sign their requests with. */
  readonly ownKeys?: OwnKeys | undefined;
  /** Signs URLs of code; without it they need no signature. */
  readonly ownUrls?: OwnUrls | undefined;
  readonly acting: Acting;
  /** Where packages are looked up that are missing beside a handler: the folder of nagare.yaml. */
  readonly packageFolders?: readonly string[];
  /** Has runtime interface clients for functions that bring none. */
  readonly runtimeFolder?: string | undefined;
  /** Isolation of functions; default: the strongest level available. */
  readonly isolation?: IsolationLevel | 'auto';
  /** Files and folders that no function may see, including the server's folders above `folder`. */
  readonly hidden?: readonly string[];
  readonly above?: readonly string[];
  /** Process limits: for all functions together, and for one function without a reservation. */
  readonly processesMax?: number;
  readonly concurrencyMax?: number;
  /** Chooses by the weights of aliases. */
  readonly random?: () => number;
  /** How long `close` waits for invocations in progress. */
  readonly closeGraceMs?: number;
  /** The pause before the first retry of an asynchronous invocation. */
  readonly asyncRetryDelayMs?: number;
}

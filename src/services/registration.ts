import type { RequestTraces } from '../protocol/trace-context.ts';
import type { WorkSpans } from '../support/work-spans.ts';
import type { Acting } from '../auth/authorization/acting.ts';
import type { PolicySource } from '../auth/authorization/policy-source.ts';
import type { AccessKeys } from '../auth/identity.ts';
import type { ResourcePolicies } from '../aws/resource-policies.ts';
import type { TaggedResources } from '../aws/tagged-resources.ts';
import type { Targets } from '../aws/targets.ts';
import type { Config } from '../config.ts';
import type { Section } from '../config/declarations.ts';
import type { ObjectStoreSettings } from '../config/object-store.ts';
import type { StreamSource } from '../consumers/source.ts';
import type { StreamInspector } from '../consumers/stream-inspector.ts';
import type { StreamWriter } from '../consumers/stream-writer.ts';
import type { Declarer } from '../declarations/plan.ts';
import type { IcebergTables } from '../delivery/iceberg/tables.ts';
import type { Catalog } from '../engine/catalog.ts';
import type { DescribeRecords, Engine, LogId } from '../engine/engine.ts';
import type { KeyStore } from '../engine/key-store.ts';
import type { WatchRows } from '../engine/watch-rows.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { Service } from '../protocol/service.ts';
import type { Clock } from '../support/clock.ts';
import type { Egress } from '../support/egress.ts';
import type { Fence } from '../support/fence.ts';
import type { Log } from '../support/log.ts';
import type { OnRead } from '../support/pace.ts';
import type { RepairReport, VerifyReport } from '../support/findings.ts';
import type { MetricPipeline } from './cloudwatch/metrics/pipeline.ts';
import type { TableSchemas } from './glue/table-schemas.ts';
import type { Identities } from './iam/identities.ts';
import type { Functions } from './lambda/functions.ts';
import type { LogStore } from './logs/log-store.ts';
import type { MessageQueues } from './sqs/message-queues.ts';
import type { ObjectStores } from './s3/object-store.ts';

/** The state of one thing that nagare needs from the machine. */
export interface MachineFinding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly says: string;
}

/** Keys that the server makes itself; they end with its process. */
export interface OwnKeys {
  /** New credentials for the processes of one version of a function. */
  ofFunction(owner: FunctionOfKey): FunctionCredentials;
  /** Whether it is the root key. */
  isRootKey(accessKeyId: string): boolean;
  /** Whether a key that `ofFunction` made is still accepted. */
  isValid(accessKeyId: string): boolean;
  /** Requests with this key, which `ofFunction` made, are refused from now on. */
  end(accessKeyId: string): void;
}

export interface FunctionOfKey {
  readonly name: string;
  readonly arn: string;
  /** Undefined for a function that may do everything: nagare.yaml declares it without a role. */
  readonly roleArn: string | undefined;
}

export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What every service gets. */
export interface ServiceContext {
  readonly engine: Engine;
  /**
   * Several machines share the log of the engine, and another one may go on with it: what must outlast this machine is
   * in the engine or in an object store. The data folder is only this machine's.
   */
  readonly sharesLog?: boolean;
  /** For services that write to the data folder themselves. */
  readonly fence: Fence;
  readonly clock: Clock;
  /** Counters of the services. */
  readonly metrics: MetricRegistry;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  readonly config: Config;
  /** The server's URL for clients and functions. */
  readonly endpoint: () => string;
  /** Absent with `--auth off`, where any key is accepted. */
  readonly ownKeys?: OwnKeys | undefined;
  /** Decides what services may do by themselves; with `--auth off` everything. */
  readonly acting: Acting;
  /** Connects to addresses that users supply. */
  readonly egress: Egress;
  /** Finds resources by their tags; services with such resources register themselves. */
  readonly taggedResources: TaggedResources;
  /** Delivers events to resources by ARN; services with such resources register themselves. */
  readonly targets: Targets;
  /** Finds the policies of resources by ARN; services with such resources register themselves. */
  readonly resourcePolicies: ResourcePolicies;
  /** Traces of what the services do by themselves. */
  readonly spans: WorkSpans;
  /** The traces of requests, to pass them on. */
  readonly traces: RequestTraces;
}

/** What a service gets at a machine that follows the owner of the shared log: its engine refuses changes. */
export interface StandbyContext extends ServiceContext {
  /** What the owner changes. */
  readonly watch: WatchRows;
  /** The names that an owner has declared in a section. */
  readonly declared: (section: Section<unknown>) => DeclaredNames;
}

/** Names in `nagare.yaml` of the owner. They are stored when everything declared exists, and so before it is served. */
export interface DeclaredNames {
  has(name: string): boolean;
  areAny(): boolean;
}

/** The contracts between services: a service knows nothing else of another. */
export interface Contracts {
  readonly buckets: ObjectStores;
  readonly streams: StreamSource;
  readonly logs: LogStore;
  readonly functions: Functions;
  readonly identities: Identities;
  readonly topics: { names(): string[] };
  readonly queues: MessageQueues;
  readonly metricPipeline: MetricPipeline;
  readonly icebergTables: IcebergTables;
  readonly tableSchemas: TableSchemas;
}

/** A running service. */
export interface RunningService<Offered extends keyof Contracts = never> {
  /** Its API; a service that only others use has none. */
  readonly service?: Service;
  readonly offers?: Pick<Contracts, Offered>;
  /** For the sections of `nagare.yaml` that it registered. */
  readonly declarer?: Declarer;
  /** Answers requests outside of its API, such as code downloads; undefined for others. */
  readonly route?: (request: HttpRequest) => Promise<HttpResponse | undefined>;
  /** Further keys that requests may be signed with, if signatures are verified. */
  readonly accessKeys?: AccessKeys;
  /** What users and roles may do, if signatures are verified. */
  readonly principalPolicies?: PolicySource;
  /** Beginnings of paths below `/_nagare/` that anyone may read, as on AWS. */
  readonly openPaths?: readonly string[];
  readonly backup?: ServiceBackup;
  /** Stores records of the server itself. */
  readonly streamWriter?: StreamWriter;
  /** Shows its streams in the console. */
  readonly streamInspector?: StreamInspector;
  /** Checks the files that it keeps beside the engine, which may be in use meanwhile, for `nagare scrub`. */
  readonly scrub?: (options: ScrubOptions) => Promise<VerifyReport>;
  /** Messages for `/health` about what does not work. Anyone may read them, so they contain no names of resources. */
  readonly warnings?: () => readonly string[];
  /** Starts work that calls other services: all of them are open, and declared resources exist. */
  readonly start?: () => void;
  /** Stops work that calls other services, and work in the background, while all services and the port still answer. */
  readonly quiesce?: () => Promise<void>;
  /** Stops the rest, after the last request. Where several machines share a log, requests wait for it: one commit at most. */
  readonly close?: () => Promise<void>;
}

export interface ScrubOptions {
  readonly bytesPerSecond: number;
  readonly signal: AbortSignal;
}

/** What a service does for a backup of the data folder while the server runs. */
export interface ServiceBackup {
  /** Folders below the data folder that `copy` copies. */
  readonly folders?: readonly string[];
  /**
   * Copies its own folders to the target and calls `rest`, which copies the engine: both copies must be consistent with
   * each other.
   */
  readonly copy?: (target: string, rest: () => Promise<void>) => Promise<void>;
  /** Until the returned function is called, nothing is stored in the engine that the copy of the folders lacks. */
  readonly hold?: () => () => void;
}

/** A data folder without a running server; the caller holds it and has opened its engine. */
export interface StoppedData {
  readonly dataDir: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

export interface VerifyFilesOptions {
  /** Adds checksums to files of an earlier version that have none. */
  readonly writesChecksums: boolean;
  readonly bytesPerSecond?: number;
  readonly onRead?: OnRead | undefined;
}

export interface RepairFilesOptions {
  /** Only reports what would be done. */
  readonly dryRun: boolean;
  readonly onRead?: OnRead | undefined;
}

/** Checks and repairs the files that a service keeps beside the engine, while no server runs. */
export interface StoredFiles {
  /** Whether there are any, in a version that needs no upgrade first. */
  areThere(dataDir: string): Promise<boolean>;
  verify(data: StoppedData, options: VerifyFilesOptions): Promise<VerifyReport>;
  repair(data: StoppedData, options: RepairFilesOptions): Promise<RepairReport>;
}

/** A cluster's engine, whose shared log this process owns, and its objects. */
export interface ClusterData {
  readonly engine: Engine;
  readonly objectStore: ObjectStoreSettings;
  /** The master key: of the cluster, and of data folders that move into it or out of it. */
  readonly masterKey: Pick<Config, 'masterKey' | 'masterKeyFile'>;
}

/** Called with the bytes that were moved, and what they are. */
export type MoveReport = (bytes: number, what: string) => void;

/**
 * Moves what a service keeps beside the engine of a single machine into a cluster, and out of it. Records and rows move
 * before, all of them but those that are named here. Both ways may be repeated after an interruption.
 */
export interface Moves {
  /** Tables that stay behind: a cluster has elsewhere what they describe. */
  readonly tables?: readonly string[];
  /** Logs that stay behind. */
  readonly logs?: (catalog: Pick<Catalog, 'table'>) => readonly LogId[];
  /** The size of what is beside the engine, if it is large. */
  readonly bytes?: (from: StoppedData) => Promise<number>;
  readonly intoCluster: (from: StoppedData, to: ClusterData, report: MoveReport) => Promise<void>;
  /** `data` has the cluster's rows and records already. */
  readonly outOfCluster: (
    data: StoppedData,
    from: Omit<ClusterData, 'engine'> & { readonly buckets: readonly string[] },
    report: MoveReport,
  ) => Promise<void>;
}

/** How a service is added to the server. `services/index.ts` lists all registrations. */
export interface Registration<
  Needed extends keyof Contracts = keyof Contracts,
  Offered extends keyof Contracts = keyof Contracts,
> {
  readonly name: string;
  readonly needs: readonly Needed[];
  readonly offers: readonly Offered[];
  /** Its sections of `nagare.yaml`. */
  readonly declares?: readonly Section<unknown>[];
  /** Describes records of its logs to a user, for messages about damage; also while no server runs. */
  readonly describeRecords?: DescribeRecords;
  /** Checks and repairs the files that it keeps beside the engine. */
  readonly storedFiles?: StoredFiles;
  /** Moves what it keeps beside the engine into a cluster, and out of it. */
  readonly moves?: Moves;
  /**
   * Encrypts its secrets under the present master key, for `nagare key rotate-master`. Resolves with their number; may
   * be repeated.
   */
  readonly reseal?: (data: StoppedData, keys: KeyStore) => Promise<number>;
  /** Checks what the service needs from the machine, for `nagare doctor`. */
  readonly examine?: (config: Config) => Promise<MachineFinding[]>;
  /** Answers reads at machines that follow the owner of a shared log, or helps to check them. */
  readonly atStandby?: AtStandby<Needed>;
  open(
    context: ServiceContext,
    contracts: Pick<Contracts, Needed>,
  ): RunningService<Offered> | Promise<RunningService<Offered>>;
}

/**
 * A service that has only operations that change nothing, and knows what the owner has changed as soon as this machine
 * has it.
 */
export interface AtStandby<Needed extends keyof Contracts = keyof Contracts> {
  readonly needs: readonly Needed[];
  readonly offers: readonly (keyof Contracts)[];
  open(context: StandbyContext, contracts: Pick<Contracts, Needed>): Promise<ServiceAtStandby>;
}

export interface ServiceAtStandby extends Pick<
  RunningService,
  'service' | 'accessKeys' | 'principalPolicies' | 'close'
> {
  readonly offers?: Partial<Contracts>;
}

/** Types a registration by its own needs and offers. */
export function register<Needed extends keyof Contracts = never, Offered extends keyof Contracts = never>(
  registration: Registration<Needed, Offered>,
): Registration<Needed, Offered> {
  return registration;
}

import type { Targets } from '../aws/targets.ts';
import type { Config } from '../config.ts';
import type { Section } from '../config/declarations.ts';
import type { StreamSource } from '../consumers/source.ts';
import type { Declarer } from '../declarations/plan.ts';
import type { IcebergTables } from '../delivery/iceberg/tables.ts';
import type { DescribeRecords, Engine } from '../engine/engine.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { Service } from '../protocol/service.ts';
import type { Clock } from '../support/clock.ts';
import type { Egress } from '../support/egress.ts';
import type { Fence } from '../support/fence.ts';
import type { Log } from '../support/log.ts';
import type { RepairReport, VerifyReport } from '../support/findings.ts';
import type { MetricPipeline } from './cloudwatch/metrics/pipeline.ts';
import type { TableSchemas } from './glue/table-schemas.ts';
import type { Identities } from './iam/identities.ts';
import type { Functions } from './lambda/functions.ts';
import type { LogStore } from './logs/log-store.ts';
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
  ofFunction(functionName: string): FunctionCredentials;
  /** Requests with this key, which `ofFunction` made, are refused from now on. */
  end(accessKeyId: string): void;
  /** A URL of this server that anyone who has it may read for ten minutes. */
  presigned(url: string): string;
}

export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What every service gets. */
export interface ServiceContext {
  readonly engine: Engine;
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
  /** Connects to addresses that users supply. */
  readonly egress: Egress;
  /** Delivers events to resources by ARN; services with such resources register themselves. */
  readonly targets: Targets;
}

/** The contracts between services: a service knows nothing else of another. */
export interface Contracts {
  readonly buckets: ObjectStores;
  readonly streams: StreamSource;
  readonly logs: LogStore;
  readonly functions: Functions;
  readonly identities: Identities;
  readonly topics: { names(): string[] };
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
  /** Beginnings of paths below `/_nagare/` that anyone may read, as on AWS. */
  readonly openPaths?: readonly string[];
  readonly backup?: ServiceBackup;
  /** Checks the files that it keeps beside the engine, which may be in use meanwhile, for `nagare scrub`. */
  readonly scrub?: (options: ScrubOptions) => Promise<VerifyReport>;
  /** Messages for `/health` about what does not work. Anyone may read them, so they contain no names of resources. */
  readonly warnings?: () => readonly string[];
  /** Starts work that calls other services: all of them are open, and declared resources exist. */
  readonly start?: () => void;
  /** Stops work that calls other services, while these and the port still answer. */
  readonly quiesce?: () => Promise<void>;
  /** Stops the rest, after the last request. */
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
}

/** Checks and repairs the files that a service keeps beside the engine, while no server runs. */
export interface StoredFiles {
  /** Whether there are any, in a version that needs no upgrade first. */
  areThere(dataDir: string): Promise<boolean>;
  verify(data: StoppedData, options: VerifyFilesOptions): Promise<VerifyReport>;
  /** With `dryRun` only reports what would be done. */
  repair(data: StoppedData, options: { readonly dryRun: boolean }): Promise<RepairReport>;
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
  /** Checks what the service needs from the machine, for `nagare doctor`. */
  readonly examine?: (config: Config) => Promise<MachineFinding[]>;
  open(
    context: ServiceContext,
    contracts: Pick<Contracts, Needed>,
  ): RunningService<Offered> | Promise<RunningService<Offered>>;
}

/** Types a registration by its own needs and offers. */
export function register<Needed extends keyof Contracts = never, Offered extends keyof Contracts = never>(
  registration: Registration<Needed, Offered>,
): Registration<Needed, Offered> {
  return registration;
}

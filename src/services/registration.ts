import type { Targets } from '../aws/targets.ts';
import type { Config } from '../config.ts';
import type { Section } from '../config/declarations.ts';
import type { StreamSource } from '../consumers/source.ts';
import type { Declarer } from '../declarations/plan.ts';
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
import type { Functions } from './lambda/functions.ts';
import type { LogStore } from './logs/log-store.ts';
import type { ObjectStores } from './s3/object-store.ts';

/** One thing that nagare needs of the machine, and how it is here. */
export interface MachineFinding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly says: string;
}

/** What every service is given. */
export interface ServiceContext {
  readonly engine: Engine;
  /** For what a service writes to the data folder itself. */
  readonly fence: Fence;
  readonly clock: Clock;
  /** Where services count. */
  readonly metrics: MetricRegistry;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  readonly config: Config;
  /** Where clients and functions find the server. */
  readonly endpoint: () => string;
  /** Makes the connections to addresses that users give. */
  readonly egress: Egress;
  /** Delivers events to resources by ARN; services with such resources register themselves. */
  readonly targets: Targets;
}

/** What services offer each other. None knows more of another than this. */
export interface Contracts {
  readonly buckets: ObjectStores;
  readonly streams: StreamSource;
  readonly logs: LogStore;
  readonly functions: Functions;
  readonly topics: { names(): string[] };
  readonly metricPipeline: MetricPipeline;
  readonly tableSchemas: TableSchemas;
}

/** A service at work. */
export interface RunningService<Offered extends keyof Contracts = never> {
  /** Its API; a part that only others use has none. */
  readonly service?: Service;
  readonly offers?: Pick<Contracts, Offered>;
  /** For the sections of `nagare.yaml` that it registered. */
  readonly declarer?: Declarer;
  /** Requests outside of its API, such as code downloads; undefined for those that are not its own. */
  readonly route?: (request: HttpRequest) => Promise<HttpResponse | undefined>;
  readonly backup?: ServiceBackup;
  /** Checks the files that it keeps beside the engine, which may be read and written meanwhile, for `nagare scrub`. */
  readonly scrub?: (options: ScrubOptions) => Promise<VerifyReport>;
  /** For `/health`, which anybody may ask: what does not do its work, without the names of resources. */
  readonly warnings?: () => readonly string[];
  /** Begins what calls other services: all are open, and what others refer to is declared. */
  readonly start?: () => void;
  /** Ends what calls other services, while these and the port still answer. */
  readonly quiesce?: () => Promise<void>;
  /** Ends the rest, when no request is open any more. */
  readonly close?: () => Promise<void>;
}

export interface ScrubOptions {
  readonly bytesPerSecond: number;
  readonly signal: AbortSignal;
}

/** What a service does for a copy of the data folder that is made while the server runs. */
export interface ServiceBackup {
  /** Folders below the data folder that `copy` takes care of. */
  readonly folders?: readonly string[];
  /**
   * Copies its own folders to the target's and calls `rest`, which copies the engine: what the copies of both say is
   * of one moment.
   */
  readonly copy?: (target: string, rest: () => Promise<void>) => Promise<void>;
  /** Until the function returned is called, nothing is written down in the engine that the copy of the folders lacks. */
  readonly hold?: () => () => void;
}

/** A data folder whose server does not run; the caller holds it, and opened its engine. */
export interface StoppedData {
  readonly dataDir: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

export interface VerifyFilesOptions {
  /** Files of an earlier version that have no checksums get them. */
  readonly writesChecksums: boolean;
  readonly bytesPerSecond?: number;
}

/** Checks and repairs the files that a service keeps beside the engine, while no server runs. */
export interface StoredFiles {
  /** Whether there are any, of a version that no start has to upgrade first. */
  areThere(dataDir: string): Promise<boolean>;
  verify(data: StoppedData, options: VerifyFilesOptions): Promise<VerifyReport>;
  /** With `dryRun` it says only what it would do. */
  repair(data: StoppedData, options: { readonly dryRun: boolean }): Promise<RepairReport>;
}

/** How a service enters the server. `services/index.ts` lists all registrations. */
export interface Registration<
  Needed extends keyof Contracts = keyof Contracts,
  Offered extends keyof Contracts = keyof Contracts,
> {
  readonly name: string;
  readonly needs: readonly Needed[];
  readonly offers: readonly Offered[];
  /** Its sections of `nagare.yaml`. */
  readonly declares?: readonly Section<unknown>[];
  /** Says what records of its logs are to a user, for messages about damage; also when no server runs. */
  readonly describeRecords?: DescribeRecords;
  /** Checks and repairs the files that it keeps beside the engine. */
  readonly storedFiles?: StoredFiles;
  /** Checks what the service needs of the machine, for `nagare doctor`. */
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

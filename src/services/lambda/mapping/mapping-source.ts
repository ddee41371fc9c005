import type { WorkSpans } from '../../../support/work-spans.ts';
import type { Acting } from '../../../auth/authorization/acting.ts';
import type { StreamSource } from '../../../consumers/source.ts';
import type { Targets } from '../../../aws/targets.ts';
import type { Catalog, Transaction } from '../../../engine/catalog.ts';
import type { Tables } from '../../../engine/tables.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { MessageQueues } from '../../sqs/message-queues.ts';
import type { FunctionMetrics, MappingMetrics } from '../function-metrics.ts';
import type { Functions } from '../functions.ts';
import type { FailureReports } from './failure-reports.ts';
import type { RunningMapping } from './mapping-lifecycle.ts';
import type { MappingRow } from './mapping-row.ts';

export interface EventSourceMappingsOptions {
  /** Decides whether the roles of functions may read their sources. */
  readonly acting: Acting;
  readonly catalog: Catalog;
  readonly tables: Tables;
  readonly streams: StreamSource;
  readonly queues: MessageQueues;
  readonly functions: Functions;
  /** Determines which ARNs can be failure destinations. */
  readonly targets: Targets;
  readonly reports: FailureReports;
  readonly spans: WorkSpans;
  readonly metrics: FunctionMetrics;
  readonly mappingMetrics: MappingMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
}

/** What belongs into the commit that stores or removes a mapping. */
export type MappingChange = (transaction: Transaction) => void;

/** What mappings of one kind of source do in their own way. */
export interface MappingSource<Row extends MappingRow> {
  /** What a new mapping stores besides its row. Throws InvalidParameterValueException for a source that is missing. */
  prepare(row: Row): Promise<MappingChange>;
  /** Starts an enabled mapping; calls `report` with its results. */
  begin(row: Row, report: (result: string) => Promise<void>): RunningMapping;
  /** Removes what a mapping has stored besides its row. */
  forget(row: Row): Promise<MappingChange>;
}

import type { FailureReports } from './failure-reports.ts';
import type { Targets } from '../../../aws/targets.ts';
import { isDeepStrictEqual } from 'node:util';
import type { EventSourceMappingConfiguration, ListEventSourceMappingsRequest } from '@aws-sdk/client-lambda';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import {
  CatalogCheckpoints,
  startingPositions,
  type ShardCheckpoint,
} from '../../../consumers/checkpoints.ts';
import { UnknownShardError, type StreamSource, type StreamView } from '../../../consumers/source.ts';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import type { ServiceError } from '../../../errors.ts';
import { lambdaLimits } from '../limits.ts';
import { differences } from '../../../declarations/plan.ts';
import type { Checked } from '../../../protocol/service.ts';
import { compileValidator } from '../../../protocol/validation.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import api from '../api.json' with { type: 'json' };
import type { FunctionMetrics } from '../function-metrics.ts';
import type { Functions } from '../functions.ts';
import {
  consumerNotFound,
  invalidDeclaration,
  invalidMarker,
  mappingExists,
  mappingInUse,
  mappingNotFound,
  streamNotFound,
  unrecognizedEventSource,
} from './errors.ts';
import { type CreateMapping, checkInput, newRow, type UpdateMapping, updatedRow } from './mapping-input.ts';
import { consumerName, MappingPoller, type MappingPollerDependencies } from './mapping-poller.ts';
import type { MappingRow, MappingState } from './mapping-row.ts';
import { MappingLifecycle } from './mapping-lifecycle.ts';

export type ListMappings = Checked<ListEventSourceMappingsRequest>;

export interface EventSourceMappingsOptions {
  readonly catalog: Catalog;
  readonly streams: StreamSource;
  readonly functions: Functions;
  /** Determines which ARNs can be failure destinations. */
  readonly targets: Targets;
  readonly reports: FailureReports;
  readonly metrics: FunctionMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
}

interface ResultRow {
  readonly result: string;
}

/** Declared mappings do not pass through the API, which checks the others. */
const declaredViolations = compileValidator(api, 'CreateEventSourceMappingRequest');

const NOTHING_PROCESSED = 'No records processed';

/**
 * All event source mappings: their rows, and the pollers of those that are enabled. A mapping delivers records at least
 * once, in order per shard (per partition key with a ParallelizationFactor), also after a crash; its checkpoint
 * advances only past records that the function has finished.
 */
export class EventSourceMappings {
  readonly #options: EventSourceMappingsOptions;
  readonly #rows: Table<MappingRow>;
  readonly #results: Table<ResultRow>;
  readonly #mappings = new Map<string, MappingLifecycle>();
  readonly #shardLocks = new KeyedLock();

  constructor(options: EventSourceMappingsOptions) {
    this.#options = options;
    this.#rows = options.catalog.table('lambda.mappings');
    this.#results = options.catalog.table('lambda.mappingResults');
  }

  /** Starts all enabled mappings. Call it once streams and functions exist. */
  start(): void {
    this.#options.reports.start();
    for (const [, row] of this.#rows.entries()) {
      if (this.#mappings.has(row.uuid)) continue;
      this.#admit(row).apply(row, row.deleting ? 'Deleting' : row.enabled ? 'Enabling' : 'Disabling');
    }
  }

  /** Stops reading and waits for invocations in progress. */
  async close(): Promise<void> {
    await Promise.all([...this.#mappings.values()].map((mapping) => mapping.close()));
    await this.#options.reports.close();
  }

  /** Throws InvalidParameterValueException, ResourceConflictException. */
  async create(input: CreateMapping): Promise<EventSourceMappingConfiguration> {
    const { catalog, streams, log } = this.#options;
    const row = newRow(this.#options, input);
    const stream = streams.describe(row.sourceArn);
    if (stream === undefined) throw sourceNotFound(row);
    const positions = await this.#startingPositions(stream, row);
    await catalog.commit((transaction) => {
      this.#refuseSecond(transaction, row);
      transaction.put(this.#rows, row.uuid, row);
      this.#positions(row).begin(transaction, stream, positions);
    });
    const mapping = this.#admit(row);
    mapping.apply(row, 'Creating');
    log.info(
      { mapping: row.uuid, stream: stream.name, function: row.functionName },
      'created an event source mapping',
    );
    return mapping.describe();
  }

  /** Throws ResourceNotFoundException. */
  get(uuid: string): EventSourceMappingConfiguration {
    return this.#mapping(uuid).describe();
  }

  /** Lists the mappings of a stream, of a function, or all, ordered by UUID; `NextMarker` when there are more. */
  list(input: ListMappings): { EventSourceMappings: EventSourceMappingConfiguration[]; NextMarker?: string } {
    const { EventSourceArn: arn, FunctionName: name, Marker: marker } = input;
    if (marker !== undefined && !/^[0-9a-f-]{36}$/.test(marker)) throw invalidMarker();
    const functionName = name === undefined ? undefined : this.#options.functions.describe(name)?.name;
    // As on AWS, an unknown function has no mappings: tools list them before they create the function.
    if (name !== undefined && functionName === undefined) return { EventSourceMappings: [] };
    const itemsMax = Math.min(
      input.MaxItems ?? lambdaLimits.mappingsListedMax,
      lambdaLimits.mappingsListedMax,
    );
    const found = [...this.#mappings.values()]
      .filter(({ row }) => arn === undefined || row.sourceArn === arn)
      .filter(({ row }) => functionName === undefined || row.functionName === functionName)
      .filter(({ row }) => marker === undefined || row.uuid > marker)
      .sort((left, right) => (left.row.uuid < right.row.uuid ? -1 : 1));
    const listed = found.slice(0, itemsMax);
    const last = listed.at(-1);
    return {
      EventSourceMappings: listed.map((mapping) => mapping.describe()),
      ...(found.length > itemsMax && last !== undefined ? { NextMarker: last.row.uuid } : {}),
    };
  }

  /** Throws ResourceNotFoundException, InvalidParameterValueException, ResourceInUse-, ResourceConflictException. */
  async update(input: UpdateMapping): Promise<EventSourceMappingConfiguration> {
    const mapping = this.#mapping(input.UUID);
    const { row, transition } = await this.#options.catalog.commit((transaction) => {
      const before = transaction.get(this.#rows, input.UUID);
      if (before === undefined || before.deleting) throw mappingInUse();
      const after = updatedRow(this.#options, before, input);
      this.#refuseSecond(transaction, after);
      transaction.put(this.#rows, after.uuid, after);
      return { row: after, transition: transitionBetween(before, after) };
    });
    mapping.apply(row, transition);
    return mapping.describe();
  }

  /** Deletes a mapping with its checkpoints. Throws ResourceNotFoundException, ResourceInUseException. */
  async delete(uuid: string): Promise<EventSourceMappingConfiguration> {
    const mapping = this.#mapping(uuid);
    const row = await this.#options.catalog.commit((transaction) => {
      const before = transaction.get(this.#rows, uuid);
      if (before === undefined || before.deleting) throw mappingInUse();
      const after = { ...before, deleting: true, lastModifiedMs: this.#options.clock.now() };
      transaction.put(this.#rows, uuid, after);
      return after;
    });
    mapping.apply(row, 'Deleting');
    return mapping.describe();
  }

  /**
   * Throws the errors that `declare` would, before the function and the declared streams exist; `toCome` maps the
   * streams' names and ARNs to ARNs.
   */
  check(
    input: CreateMapping,
    toCome: (stream: string) => string | undefined,
  ): { readonly action: 'create' | 'change' | 'leave'; readonly details?: string } {
    const { sourceArn, options } = checkInput(this.#options, this.#withArn(input, toCome));
    const existing = this.#between(sourceArn, input.FunctionName);
    if (existing === undefined) return { action: 'create' };
    const { pairs, isSame } = compared(existing, { enabled: input.Enabled ?? true, options });
    return isSame ? { action: 'leave' } : { action: 'change', details: differences(pairs) };
  }

  /** Finds the mapping from a stream, by name or ARN, to a function. */
  find(functionName: string, stream: string): { remove(): Promise<void> } | undefined {
    const arn = this.#options.streams.describe(stream)?.arn ?? stream;
    const existing = this.#between(arn, functionName);
    if (existing === undefined) return undefined;
    return {
      remove: async () => {
        await this.delete(existing.uuid);
      },
    };
  }

  /**
   * Creates the mapping unless it exists; the same declaration twice has no effect. `EventSourceArn` may be the
   * stream's name. An existing mapping keeps its checkpoints.
   */
  async declare(input: CreateMapping): Promise<void> {
    const { catalog } = this.#options;
    const declared = this.#withArn(input);
    const wanted = newRow(this.#options, declared);
    const existing = this.#between(wanted.sourceArn, wanted.functionName);
    if (existing === undefined) {
      await this.create(declared);
      return;
    }
    const { enabled, options } = wanted;
    if (compared(existing, wanted).isSame) return;
    const after = { ...existing, enabled, options, lastModifiedMs: wanted.lastModifiedMs };
    await catalog.commit((transaction) => transaction.put(this.#rows, after.uuid, after));
    this.#mappings.get(after.uuid)?.apply(after, transitionBetween(existing, after));
  }

  #between(sourceArn: string, functionName: string): MappingRow | undefined {
    for (const [, row] of this.#rows.entries()) {
      if (!row.deleting && row.sourceArn === sourceArn && row.functionName === functionName) return row;
    }
    return undefined;
  }

  #withArn(input: CreateMapping, toCome: (stream: string) => string | undefined = () => undefined) {
    const named = input.EventSourceArn;
    if (named === undefined) throw unrecognizedEventSource();
    const arn = this.#options.streams.describe(named)?.arn ?? toCome(named);
    if (arn === undefined) throw streamNotFound(named);
    const declared = { ...input, EventSourceArn: named.startsWith('arn:') ? named : arn };
    const violations = declaredViolations(declared);
    if (violations !== undefined) throw invalidDeclaration(violations);
    return declared;
  }

  async #startingPositions(
    stream: StreamView,
    row: MappingRow,
  ): Promise<ReadonlyMap<string, ShardCheckpoint>> {
    try {
      return await startingPositions(this.#options.streams, stream, row.start);
    } catch (error) {
      if (error instanceof UnknownShardError) throw sourceNotFound(row);
      throw error;
    }
  }

  #refuseSecond(transaction: Transaction, row: MappingRow): void {
    for (const [, other] of transaction.entries(this.#rows)) {
      if (other.uuid === row.uuid || other.deleting || !isSamePair(other, row)) continue;
      throw mappingExists(row.sourceArn, row.functionName, other.uuid);
    }
  }

  #mapping(uuid: string): MappingLifecycle {
    const mapping = this.#mappings.get(uuid);
    if (mapping === undefined) throw mappingNotFound();
    return mapping;
  }

  #admit(row: MappingRow): MappingLifecycle {
    const { catalog, log } = this.#options;
    const mapping = new MappingLifecycle(row, this.#results.get(row.uuid)?.result ?? NOTHING_PROCESSED, {
      begin: (current, report) => this.#begin(current, report),
      forget: (current) => this.#forget(current),
      keepResult: ({ uuid }, result) =>
        catalog.commit((transaction) => transaction.put(this.#results, uuid, { result })),
      log,
    });
    this.#mappings.set(row.uuid, mapping);
    return mapping;
  }

  #begin(row: MappingRow, report: (result: string) => Promise<void>): MappingPoller {
    const dependencies: MappingPollerDependencies = {
      ...this.#options,
      shardLocks: this.#shardLocks,
    };
    const live = new MappingPoller(row, this.#positions(row), dependencies, report);
    live.start();
    return live;
  }

  async #forget(row: MappingRow): Promise<void> {
    await this.#options.catalog.commit((transaction) => {
      transaction.delete(this.#rows, row.uuid);
      transaction.delete(this.#results, row.uuid);
      this.#positions(row).end(transaction);
    });
    this.#mappings.delete(row.uuid);
  }

  #positions(row: MappingRow): CatalogCheckpoints {
    return new CatalogCheckpoints(this.#options.catalog, consumerName(row.uuid));
  }
}

function sourceNotFound({ sourceArn, streamArn }: MappingRow): ServiceError {
  return sourceArn === streamArn ? streamNotFound(sourceArn) : consumerNotFound(sourceArn);
}

function isSamePair(left: MappingRow, right: MappingRow): boolean {
  return left.sourceArn === right.sourceArn && left.functionArn === right.functionArn;
}

type Changeable = Pick<MappingRow, 'enabled' | 'options'>;

/** The fields of a mapping that a declaration can change. */
function compared(before: Changeable, after: Changeable) {
  const names = new Set([...Object.keys(before.options), ...Object.keys(after.options)]);
  const [left, right]: Readonly<Record<string, unknown>>[] = [{ ...before.options }, { ...after.options }];
  const options = [...names].map((name) => [name, [left?.[name], right?.[name]] as const] as const);
  return {
    pairs: { enabled: [before.enabled, after.enabled] as const, ...Object.fromEntries(options) },
    isSame: before.enabled === after.enabled && isDeepStrictEqual(before.options, after.options),
  };
}

function transitionBetween(before: MappingRow, after: MappingRow): MappingState {
  if (before.enabled === after.enabled) return 'Updating';
  return after.enabled ? 'Enabling' : 'Disabling';
}

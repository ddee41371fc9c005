import type { EventSourceMappingConfiguration, ListEventSourceMappingsRequest } from '@aws-sdk/client-lambda';
import type { Tags } from '../../../aws/tags.ts';
import type { Table, Transaction } from '../../../engine/catalog.ts';
import { lambdaLimits } from '../limits.ts';
import { differences } from '../../../declarations/plan.ts';
import type { Checked } from '../../../protocol/service.ts';
import { compileValidator } from '../../../protocol/validation.ts';
import api from '../api.json' with { type: 'json' };
import type {
  EventSourceMappingProgress,
  RewindEventSourceMappingInput,
  SkipEventSourceMappingBatchInput,
} from '../api-types.ts';
import {
  hasNoPositions,
  invalidDeclaration,
  invalidMarker,
  mappingExists,
  mappingInUse,
  mappingNotFound,
  queueMappingExists,
  streamNotFound,
  unrecognizedEventSource,
} from './errors.ts';
import {
  type CreateMapping,
  checkInput,
  isQueueArn,
  newRow,
  type UpdateMapping,
  updatedRow,
} from './mapping-input.ts';
import { isQueueMapping, type MappingRow, NOTHING_PROCESSED, type StreamMappingRow } from './mapping-row.ts';
import { compared, isSamePair, transitionBetween } from './mapping-changes.ts';
import { MappingLifecycle, type RunningMapping } from './mapping-lifecycle.ts';
import { MappingList } from './mapping-list.ts';
import type { EventSourceMappingsOptions, MappingChange } from './mapping-source.ts';
import type { BlockageInfo } from './blockages.ts';
import { QueueMappings } from './queues/queue-mappings.ts';
import { StreamMappings } from './stream-mappings.ts';

export type ListMappings = Checked<ListEventSourceMappingsRequest>;

interface ResultRow {
  readonly result: string;
}

/** Declared mappings do not pass through the API, which checks the others. */
const declaredViolations = compileValidator(api, 'CreateEventSourceMappingRequest');

/**
 * All event source mappings: their rows, and the pollers of those that are enabled. A mapping delivers records at least
 * once, also after a crash: those of a stream in order per shard (per partition key with a ParallelizationFactor), as its
 * checkpoint advances only past records that the function has finished; messages of a queue until it has handled them.
 */
export class EventSourceMappings extends MappingList {
  readonly #options: EventSourceMappingsOptions;
  readonly #results: Table<ResultRow>;
  readonly #streams: StreamMappings;
  readonly #queues: QueueMappings;
  readonly #mappings = new Map<string, MappingLifecycle>();

  constructor(options: EventSourceMappingsOptions) {
    super(options.catalog);
    this.#options = options;
    this.#results = options.catalog.table('lambda.mappingResults');
    this.#streams = new StreamMappings(options);
    this.#queues = new QueueMappings(options);
  }

  /** Starts all enabled mappings. Call it once streams and functions exist. */
  start(): void {
    this.#options.reports.start();
    for (const [, row] of this.table.entries()) {
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
    const { catalog, log } = this.#options;
    const row = newRow(this.#options, input);
    const change = await this.#prepare(row);
    await catalog.commit((transaction) => {
      this.#refuseSecond(transaction, row);
      transaction.put(this.table, row.uuid, row);
      change(transaction);
    });
    const mapping = this.#admit(row);
    mapping.apply(row, 'Creating');
    log.info(
      { mapping: row.uuid, source: row.sourceArn, function: row.functionName },
      'created an event source mapping',
    );
    return mapping.describe();
  }

  /** Throws ResourceNotFoundException. */
  get(uuid: string): EventSourceMappingConfiguration {
    return this.#mapping(uuid).describe();
  }

  /** Changes the tags of a mapping; its poller goes on. Throws ResourceNotFoundException, and what `change` throws. */
  async tag(uuid: string, change: (present: Tags) => Tags): Promise<void> {
    const mapping = this.#mapping(uuid);
    const after = await this.#options.catalog.commit((transaction) => {
      const before = transaction.get(this.table, uuid);
      if (before === undefined || before.deleting) throw mappingNotFound();
      const row = { ...before, tags: change(before.tags ?? {}) };
      transaction.put(this.table, uuid, row);
      return row;
    });
    mapping.describeAs(after);
  }

  /** Lists the mappings of a stream, of a function, or all, ordered by UUID; `NextMarker` when there are more. */
  list(input: ListMappings): { EventSourceMappings: EventSourceMappingConfiguration[]; NextMarker?: string } {
    const { EventSourceArn: arn, FunctionName: name, Marker: marker } = input;
    if (marker !== undefined && !/^[0-9a-f-]{36}$/.test(marker)) throw invalidMarker();
    const functionArn = name === undefined ? undefined : this.#options.functions.describe(name)?.qualifiedArn;
    // As on AWS, an unknown function has no mappings: tools list them before they create the function.
    if (name !== undefined && functionArn === undefined) return { EventSourceMappings: [] };
    const itemsMax = Math.min(
      input.MaxItems ?? lambdaLimits.mappingsListedMax,
      lambdaLimits.mappingsListedMax,
    );
    const found = [...this.#mappings.values()]
      .filter(({ row }) => arn === undefined || row.sourceArn === arn)
      .filter(({ row }) => functionArn === undefined || row.functionArn === functionArn)
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
      const before = transaction.get(this.table, input.UUID);
      if (before === undefined || before.deleting) throw mappingInUse();
      const after = updatedRow(this.#options, before, input);
      this.#refuseSecond(transaction, after);
      transaction.put(this.table, after.uuid, after);
      return { row: after, transition: transitionBetween(before, after) };
    });
    mapping.apply(row, transition);
    return mapping.describe();
  }

  /** Deletes a mapping with its checkpoints. Throws ResourceNotFoundException, ResourceInUseException. */
  async delete(uuid: string): Promise<EventSourceMappingConfiguration> {
    const mapping = this.#mapping(uuid);
    const row = await this.#options.catalog.commit((transaction) => {
      const before = transaction.get(this.table, uuid);
      if (before === undefined || before.deleting) throw mappingInUse();
      const after = { ...before, deleting: true, lastModifiedMs: this.#options.clock.now() };
      transaction.put(this.table, uuid, after);
      return after;
    });
    mapping.apply(row, 'Deleting');
    return mapping.describe();
  }

  /** Where the mapping is in each shard. Throws ResourceNotFoundException, InvalidParameterValueException. */
  async progress(uuid: string): Promise<EventSourceMappingProgress> {
    const { row, blockages } = this.#mapping(uuid);
    return await this.#streams.progress(ofStream(row), blockages?.list() ?? []);
  }

  /**
   * Moves the mapping to another position; open windows are discarded. Durable when it resolves. Throws
   * ResourceNotFoundException, ResourceInUseException, InvalidParameterValueException.
   */
  async rewind(input: RewindEventSourceMappingInput): Promise<EventSourceMappingConfiguration> {
    const mapping = this.#mapping(input.UUID);
    const { row } = mapping;
    if (row.deleting) throw mappingInUse();
    const move = await this.#streams.prepareMove(ofStream(row), input);
    await mapping.whileStopped(move);
    const { UUID: uuid, ...to } = input;
    this.#options.log.warn({ mapping: uuid, ...to }, 'moved an event source mapping to another position');
    return mapping.describe();
  }

  /**
   * Skips the batches that fail now: they are discarded as if their retries were exhausted. Resolves with those that
   * were skipped, once their checkpoints are durable. Throws ResourceNotFoundException.
   */
  async skip({ UUID: uuid, ShardId: shardId }: SkipEventSourceMappingBatchInput): Promise<BlockageInfo[]> {
    return (await this.#mapping(uuid).blockages?.skip(shardId)) ?? [];
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
    const { pairs, isSame } = compared(existing, { enabled: input.Enabled ?? existing.enabled, options });
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
    // One that was paused stays so, unless the declaration says otherwise.
    const { options } = wanted;
    const enabled = declared.Enabled ?? existing.enabled;
    if (compared(existing, { enabled, options }).isSame) return;
    const after = { ...existing, enabled, options, lastModifiedMs: wanted.lastModifiedMs };
    await catalog.commit((transaction) => transaction.put(this.table, after.uuid, after));
    this.#mappings.get(after.uuid)?.apply(after, transitionBetween(existing, after));
  }

  #between(sourceArn: string, functionName: string): MappingRow | undefined {
    for (const [, row] of this.table.entries()) {
      if (!row.deleting && row.sourceArn === sourceArn && row.functionName === functionName) return row;
    }
    return undefined;
  }

  #withArn(input: CreateMapping, toCome: (stream: string) => string | undefined = () => undefined) {
    const named = input.EventSourceArn;
    if (named === undefined) throw unrecognizedEventSource();
    const arn = isQueueArn(named) ? named : (this.#options.streams.describe(named)?.arn ?? toCome(named));
    if (arn === undefined) throw streamNotFound(named);
    const declared = { ...input, EventSourceArn: named.startsWith('arn:') ? named : arn };
    const violations = declaredViolations(declared);
    if (violations !== undefined) throw invalidDeclaration(violations);
    return declared;
  }

  #refuseSecond(transaction: Transaction, row: MappingRow): void {
    for (const [, other] of transaction.entries(this.table)) {
      if (other.uuid === row.uuid || other.deleting || !isSamePair(other, row)) continue;
      const exists = isQueueMapping(row) ? queueMappingExists : mappingExists;
      throw exists(row.sourceArn, row.functionName, other.uuid);
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

  #prepare(row: MappingRow): Promise<MappingChange> {
    return isQueueMapping(row) ? this.#queues.prepare(row) : this.#streams.prepare(row);
  }

  #begin(row: MappingRow, report: (result: string) => Promise<void>): RunningMapping {
    return isQueueMapping(row) ? this.#queues.begin(row, report) : this.#streams.begin(row, report);
  }

  async #forget(row: MappingRow): Promise<void> {
    const change = await (isQueueMapping(row) ? this.#queues.forget() : this.#streams.forget(row));
    await this.#options.catalog.commit((transaction) => {
      transaction.delete(this.table, row.uuid);
      transaction.delete(this.#results, row.uuid);
      change(transaction);
    });
    this.#mappings.delete(row.uuid);
    this.#options.mappingMetrics.release(row.uuid);
  }
}

/** Throws InvalidParameterValueException. */
function ofStream(row: MappingRow): StreamMappingRow {
  if (isQueueMapping(row)) throw hasNoPositions();
  return row;
}

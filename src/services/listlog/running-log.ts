import { deaggregate } from '../../consumers/kpl.ts';
import type { KeyedLock } from '../../support/keyed-lock.ts';
import type { CatalogCheckpoints, CheckpointStore } from '../../consumers/checkpoints.ts';
import type { ShardBatch } from '../../consumers/batch.ts';
import { FailureLog } from '../../consumers/failure-log.ts';
import type { WorkSpans } from '../../support/work-spans.ts';
import { failureName } from '../../errors.ts';
import { StreamConsumer } from '../../consumers/stream-consumer.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { ListLogMetrics } from './metrics.ts';
import { lineFormat, type Line, type LineRecord } from './line-format.ts';
import { LogObject, listLogBatch } from './log-object.ts';
import { LogWriter, type RecordLines, type LogWriterStatus } from './log-writer.ts';
import type { ListLogRow } from './rows.ts';

export interface RunningLogOptions {
  readonly row: ListLogRow;
  readonly store: () => Promise<ObjectStore>;
  readonly streams: StreamSource;
  /** The starting positions of shards that the object does not mention. */
  readonly starts: Pick<CatalogCheckpoints, 'load'>;
  readonly shardLocks: KeyedLock;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly spans?: WorkSpans | undefined;
  /** Makes the row's `written` durable. */
  readonly onFirstWrite: () => Promise<void>;
}

/** A running list log: readers of the stream's shards, and the one writer of the object. */
export class RunningLog {
  readonly #options: RunningLogOptions;
  readonly #format: (record: LineRecord) => Line;
  readonly #consumer: StreamConsumer;
  readonly #metrics: ListLogMetrics;
  readonly #failures: FailureLog;
  #writer: Promise<LogWriter> | undefined;
  #info: (() => LogWriterStatus) | undefined;
  #failure: Error | undefined;
  #millisBehindLatest = 0;

  constructor(options: RunningLogOptions) {
    const { row, streams, shardLocks, clock, log } = options;
    this.#options = options;
    this.#format = lineFormat(row.format, row.timeZone);
    this.#metrics = new ListLogMetrics(options.metrics, row.name);
    this.#failures = new FailureLog(`the list log ${row.name}`, log);
    const { startingPosition: start } = row;
    this.#consumer = new StreamConsumer({
      name: `listlog/${row.id}`,
      stream: row.stream,
      source: streams,
      positions: this.#positions(),
      shardLocks,
      ...(start.type === 'LATEST' ? {} : { start }),
      batch: listLogBatch,
      handle: (batch) => this.#handle(batch),
      clock,
      log,
    });
  }

  start(): void {
    this.#consumer.start();
  }

  get info(): LogWriterStatus & { readonly millisBehindLatest: number } {
    const info = this.#info?.() ?? {
      state: undefined,
      sizeBytes: undefined,
      lastWriteMs: undefined,
      failure: undefined,
    };
    return {
      ...info,
      failure: info.failure ?? this.#failure,
      millisBehindLatest: this.#millisBehindLatest,
    };
  }

  /** Stops reading and waits for the write in progress. */
  async close(): Promise<void> {
    await this.#consumer.close();
    await this.#writer?.then((writer) => writer.close()).catch(() => undefined);
    this.#metrics.release();
  }

  async #handle(batch: ShardBatch): Promise<void> {
    const { stream, shard } = batch;
    const records: RecordLines[] = batch.records.map((record) => {
      const made = deaggregate(record, shard).map((user) =>
        this.#format({
          sequenceNumber: user.sequenceNumber,
          partitionKey: user.partitionKey,
          shardId: shard.shardId,
          arrivalMs: user.arrivalMs,
          data: user.data,
        }),
      );
      return {
        sequenceNumber: record.sequenceNumber,
        text: made.map(({ text }) => text).join(''),
        lines: made.length,
        rawLines: made.filter(({ raw }) => raw).length,
      };
    });
    await this.#failures.watch(() =>
      this.#traced(batch, records, async () => {
        const writer = await this.#open();
        await writer.add({ incarnation: stream.incarnation, shardId: shard.shardId, records });
      }),
    );
    this.#failures.cleared();
    this.#millisBehindLatest = batch.millisBehindLatest;
  }

  /** With a span, if the put of one of the records has one. */
  async #traced(
    { stream, shard, records }: ShardBatch,
    lines: readonly RecordLines[],
    write: () => Promise<void>,
  ): Promise<void> {
    const { row, spans } = this.#options;
    const span = await spans?.beginOnRecords({ streamArn: stream.arn, shardId: shard.shardId, records });
    if (span === undefined) return await write();
    const attributes = {
      'nagare.consumer': `the list log ${row.name}`,
      'nagare.list_log.lines': lines.reduce((sum, record) => sum + record.lines, 0),
      'aws.s3.bucket': row.bucket,
      'aws.s3.key': row.key,
    };
    try {
      await write();
    } catch (error) {
      span.end(attributes, failureName(error));
      throw error;
    }
    span.end(attributes, undefined);
  }

  /** The positions are in the object, and nowhere else. */
  #positions(): CheckpointStore {
    const { starts } = this.#options;
    return {
      load: async (stream, shardId) => {
        const position = await this.#failures.watch(async () =>
          (await this.#open()).position(stream.incarnation, shardId),
        );
        this.#failures.cleared();
        return position ?? starts.load(stream, shardId);
      },
      save: async (_stream, shardId, position) => {
        if (position.state !== 'finished') return;
        (await this.#failures.watch(() => this.#open())).finish(shardId);
      },
      retain: async (stream, shardIds) => {
        (await this.#failures.watch(() => this.#open())).retain(stream.incarnation, shardIds);
      },
    };
  }

  /** Opens the writer once the store has been checked; tries again after a failure. */
  #open(): Promise<LogWriter> {
    this.#writer ??= this.#openWriter().then(
      (writer) => {
        this.#failure = undefined;
        return writer;
      },
      (error: unknown) => {
        this.#writer = undefined;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        throw error;
      },
    );
    return this.#writer;
  }

  async #openWriter(): Promise<LogWriter> {
    const { row, clock, onFirstWrite } = this.#options;
    const store = await this.#options.store();
    await store.probe(row.bucket);
    let { written } = row;
    const object = new LogObject({
      store,
      bucket: row.bucket,
      key: row.key,
      id: row.id,
      written: () => written,
    });
    const writer = new LogWriter({
      object,
      clock,
      async onFirstWrite() {
        if (written) return;
        await onFirstWrite();
        written = true;
      },
      onWrite: (...counts) => this.#metrics.count(...counts),
    });
    this.#info = () => writer.info;
    return writer;
  }
}

import type { InspectedStream } from '../consumers/stream-inspector.ts';
import { Lags, type Written } from './delivery-lags.ts';
import { type Ask, streamIn } from './delivery-row.ts';
import { consoleLimits } from './limits.ts';
import { readersOf, type ReaderView } from './readers.ts';
import type { Views } from './views.ts';

/** A reader as people know it. */
export interface NamedReader extends ReaderView {
  /** Of a mapping its function, of a delivery its name; absent if the caller may not list them. */
  readonly name?: string;
}

interface Mapping {
  readonly UUID?: string;
  readonly FunctionArn?: string;
}

interface ListLog {
  readonly ListLogName?: string;
  readonly Stream?: string;
  readonly Shards?: readonly Written[];
}

/** The readers of streams for one page: with the names of what reads under an ID, and with list logs. */
export class NamedReaders {
  readonly #views: Views;
  /** By ID; empty for one that was not found. */
  readonly #names = new Map<string, string>();

  constructor(views: Views) {
    this.#views = views;
  }

  /** The slowest first. `ask` calls operations as the one who looks. */
  async of(stream: InspectedStream, ask: Ask): Promise<NamedReader[]> {
    const readers = await readersOf(this.#views, stream);
    await this.#learn(stream, readers, ask);
    const named = readers.map((reader) => {
      const name = this.#names.get(reader.caller) ?? '';
      return name === '' ? reader : { ...reader, name };
    });
    const all = [...named, ...(await this.#listLogs(stream, ask))];
    return all.toSorted((left, right) => right.ageMs - left.ageMs || left.caller.localeCompare(right.caller));
  }

  /** Looks names up once for each reader. */
  async #learn(stream: InspectedStream, readers: readonly ReaderView[], ask: Ask): Promise<void> {
    const unknown = readers.filter(({ caller }) => !this.#names.has(caller));
    const has = (kind: ReaderView['kind']): boolean => unknown.some((reader) => reader.kind === kind);
    if (has('mapping')) await this.#learnMappings(stream, ask);
    if (has('delivery')) {
      await this.#learnChannels(ask);
      await this.#learnDeliveryStreams(ask);
    }
    for (const { kind, caller } of unknown) {
      if ((kind === 'mapping' || kind === 'delivery') && !this.#names.has(caller))
        this.#names.set(caller, '');
    }
  }

  async #learnMappings({ arn: EventSourceArn }: InspectedStream, ask: Ask): Promise<void> {
    const found = await ask<{ EventSourceMappings?: readonly Mapping[] }>(
      'lambda',
      'ListEventSourceMappings',
      {
        EventSourceArn,
      },
    );
    for (const { UUID = '', FunctionArn = '' } of found?.EventSourceMappings ?? []) {
      this.#names.set(UUID, FunctionArn.split(':function:')[1] ?? FunctionArn);
    }
  }

  async #learnChannels(ask: Ask): Promise<void> {
    const found = await ask<{
      ChannelSummaries?: readonly { readonly ChannelName?: string; readonly ChannelId?: string }[];
    }>('kinesis', 'ListChannels', { MaxResults: consoleLimits.deliveriesMax });
    for (const { ChannelName = '', ChannelId = '' } of found?.ChannelSummaries ?? []) {
      this.#names.set(ChannelId, ChannelName);
    }
  }

  async #learnDeliveryStreams(ask: Ask): Promise<void> {
    const listed = await ask<{ DeliveryStreamNames?: readonly string[] }>('firehose', 'ListDeliveryStreams', {
      Limit: consoleLimits.deliveriesMax,
    });
    for (const DeliveryStreamName of listed?.DeliveryStreamNames ?? []) {
      const progress = await ask<{ DeliveryId?: string }>('firehose', 'GetDeliveryStreamProgress', {
        DeliveryStreamName,
      });
      if (progress?.DeliveryId !== undefined) this.#names.set(progress.DeliveryId, DeliveryStreamName);
    }
  }

  /** They store their positions in their objects. */
  async #listLogs(stream: InspectedStream, ask: Ask): Promise<NamedReader[]> {
    const listed = await ask<{ ListLogs?: readonly ListLog[] }>('listlog', 'ListListLogs', {
      Limit: consoleLimits.deliveriesMax,
    });
    const lags = new Lags(this.#views);
    const readers: NamedReader[] = [];
    for (const { ListLogName: name = '', Stream, Shards } of listed?.ListLogs ?? []) {
      if (streamIn(Stream) !== stream.name || Shards === undefined) continue;
      const shards = await lags.shardsOf(stream, Shards);
      readers.push({
        kind: 'list log',
        name,
        caller: name,
        userAgent: '',
        ageMs: Math.max(0, ...shards.map(({ ageMs }) => ageMs)),
        behindRecords: shards.reduce((sum, { behindRecords }) => sum + behindRecords, 0),
        shards: shards.toSorted((left, right) => right.ageMs - left.ageMs),
      });
    }
    return readers;
  }
}

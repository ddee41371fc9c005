import type { HttpRequest } from '../http/message.ts';
import { followChanges, followRequests } from './activity.ts';
import { alarmsOf } from './alarms.ts';
import { badRequest, denied, notFound } from './answers.ts';
import { bucketsView, objectsView } from './buckets.ts';
import type { Caller } from './caller.ts';
import { dataPath } from './data-path.ts';
import { deliveriesView } from './deliveries.ts';
import type { Outlet } from './event-stream.ts';
import { functionsView } from './functions.ts';
import { member, numberOf, positionsOf, textOf, textsOf } from './input.ts';
import { checkListLog } from './list-log-check.ts';
import { consoleLimits } from './limits.ts';
import { metricSeries, seriesRefreshMs, seriesRequestOf } from './metric-series.ts';
import { messagingView } from './messaging.ts';
import { NamedReaders } from './named-readers.ts';
import { answerTo } from './operations.ts';
import { Overviews } from './overview.ts';
import type { RateSampler } from './rates.ts';
import { refresh } from './refresh.ts';
import { ServerViews } from './server-view.ts';
import { ShardLoads } from './shards.ts';
import { streamsPage } from './streams.ts';
import { tail, type TailRequest } from './tail.ts';
import type { From } from './tail-start.ts';
import type { Views } from './views.ts';

/** What a subscription needs besides its parameters. */
export interface Subscriber {
  readonly caller: Caller;
  readonly http: HttpRequest;
  readonly outlet: Outlet;
  readonly signal: AbortSignal;
}

type View = (caller: Caller, http: HttpRequest) => object | Promise<object>;

/** What pages subscribe to, by name. */
export class Topics {
  readonly #views: Views;
  readonly #rates: RateSampler;
  readonly #overviews: Overviews;
  readonly #server: ServerViews;

  constructor(views: Views, rates: RateSampler) {
    this.#views = views;
    this.#rates = rates;
    this.#overviews = new Overviews(views, rates);
    this.#server = new ServerViews(views);
  }

  /** Checks the request, and returns what runs it. Throws ConsoleError. */
  async open(input: unknown, caller: Caller): Promise<(subscriber: Subscriber) => Promise<void>> {
    const topic = textOf(input, 'topic');
    const view = this.#viewOf(topic, input);
    if (view !== undefined) {
      const intervalMs = this.#intervalOf(topic);
      return (subscriber) =>
        this.#refresh(subscriber, () => view(subscriber.caller, subscriber.http), intervalMs);
    }
    switch (topic) {
      case 'activity': {
        await this.#allowedActivity(caller);
        const filter = textOf(input, 'filter', '');
        return ({ outlet, signal }) => followChanges(this.#views, filter, outlet, signal);
      }
      case 'requests':
        await this.#allowedActivity(caller);
        return ({ outlet, signal }) => followRequests(this.#views, outlet, signal);
      case 'metrics': {
        const request = seriesRequestOf(input);
        const { clock } = this.#views;
        return ({ caller, http, outlet, signal }) => {
          const series = () => metricSeries(this.#views, caller, http, request);
          return refresh(clock, outlet, signal, series, seriesRefreshMs(request));
        };
      }
      case 'server':
        await this.#server.check(caller);
        return (subscriber) => this.#refresh(subscriber, () => this.#server.view());
      case 'list-log-check': {
        const name = textOf(input, 'listLog');
        return ({ caller, http, outlet, signal }) =>
          checkListLog(this.#views, caller, http, name, outlet, signal);
      }
      case 'records': {
        const request = tailRequestOf(input);
        await this.#allowed(caller, request.stream, 'kinesis:GetRecords');
        return ({ outlet, signal }) => tail(this.#views, request, outlet, signal);
      }
      case 'readers': {
        const readers = new NamedReaders(this.#views);
        return await this.#ofStream(input, caller, async (name, { caller: by, http }) => ({
          readers: await readers.of(this.#stream(name), (service, operation, wanted) =>
            answerTo(this.#views.calls, by, http, service, operation, wanted),
          ),
          retentionMs: this.#stream(name).retentionMs,
        }));
      }
      case 'shards': {
        const loads = new ShardLoads(this.#views);
        return await this.#ofStream(input, caller, async (name) => ({
          shards: await loads.measure(this.#stream(name)),
          mode: this.#stream(name).mode,
        }));
      }
      case 'path': {
        const name = textOf(input, 'stream');
        await this.#allowed(caller, name, 'kinesis:DescribeStream');
        return (subscriber) =>
          this.#refresh(subscriber, () =>
            dataPath(this.#views, this.#rates.of(name), subscriber.caller, subscriber.http, name),
          );
      }
      case 'stream':
        return await this.#ofStream(input, caller, (name) => this.#summary(name));
      default:
        throw badRequest(`There is no topic "${topic}".`);
    }
  }

  /** A view that has what its caller may see. Undefined for the topics that are of another kind. */
  #viewOf(topic: string, input: unknown): View | undefined {
    const views = this.#views;
    switch (topic) {
      case 'overview':
        return (caller, http) => this.#overviews.view(caller, http);
      case 'alarms':
        return async (caller, http) => {
          const alarms = await alarmsOf(views, caller, http);
          return { alarms: alarms ?? [], isDenied: alarms === undefined };
        };
      case 'functions':
        return (caller, http) => functionsView(views, caller, http);
      case 'deliveries':
        return (caller, http) => deliveriesView(views, caller, http);
      case 'buckets': {
        const page = pageOf(input);
        return (caller, http) => bucketsView(views, caller, http, page);
      }
      case 'objects': {
        const [bucket, page] = [textOf(input, 'bucket'), pageOf(input)];
        return (caller, http) => objectsView(views, caller, http, bucket, page);
      }
      case 'messaging':
        return (caller, http) => messagingView(views, caller, http);
      case 'streams': {
        const query = queryOf(input);
        return (caller) => streamsPage(views, this.#rates, caller, query);
      }
      default:
        return undefined;
    }
  }

  async #ofStream(
    input: unknown,
    caller: Caller,
    view: (name: string, subscriber: Subscriber) => object | Promise<object>,
  ) {
    const name = textOf(input, 'stream');
    await this.#allowed(caller, name, 'kinesis:DescribeStream');
    return (subscriber: Subscriber) => this.#refresh(subscriber, () => view(name, subscriber));
  }

  async #allowedActivity(caller: Caller): Promise<void> {
    if (!(await caller.may('nagare:ListActivity', '*'))) throw denied('nagare:ListActivity', '*');
  }

  async #allowed(caller: Caller, name: string, action: string): Promise<void> {
    const { arn } = this.#stream(name);
    if (!(await caller.may(action, arn))) throw denied(action, arn);
  }

  #stream(name: string) {
    const stream = this.#views.inspector.stream(name);
    if (stream === undefined) throw notFound(`stream ${name}`);
    return stream;
  }

  #summary(name: string): object {
    const { shards, ...stream } = this.#stream(name);
    return {
      ...stream,
      shardIds: shards.map(({ shardId }) => shardId),
      rates: this.#rates.of(name),
      history: this.#rates.historyOf(name),
    };
  }

  /** Every look at another S3 is a request to it. */
  #intervalOf(topic: string): number {
    const isObjects = topic === 'buckets' || topic === 'objects';
    const { refreshMs, elsewhereRefreshMs } = consoleLimits;
    return isObjects && this.#views.elsewhere !== undefined ? elsewhereRefreshMs : refreshMs;
  }

  async #refresh(
    { outlet, signal }: Subscriber,
    view: () => object | Promise<object>,
    intervalMs: number = consoleLimits.refreshMs,
  ): Promise<void> {
    const release = this.#rates.use();
    try {
      await refresh(this.#views.clock, outlet, signal, view, intervalMs);
    } finally {
      release();
    }
  }
}

export function queryOf(input: unknown) {
  return {
    filter: textOf(input, 'filter', ''),
    offset: numberOf(input, 'offset', 0),
    limit: numberOf(input, 'limit', 50),
  };
}

function pageOf(input: unknown) {
  return { prefix: textOf(input, 'prefix', ''), token: textOf(input, 'token', '') };
}

function tailRequestOf(input: unknown): TailRequest {
  return {
    stream: textOf(input, 'stream'),
    shards: textsOf(input, 'shards'),
    from: fromOf(member(input, 'from')),
    after: positionsOf(input, 'after'),
    filter: textOf(input, 'filter', ''),
    follow: member(input, 'follow') === true,
  };
}

function fromOf(from: unknown): From {
  if (from === 'latest' || from === 'oldest') return from;
  const timeMs = member(from, 'timeMs');
  if (typeof timeMs === 'number' && Number.isFinite(timeMs)) return { timeMs };
  const sequenceNumber = member(from, 'sequenceNumber');
  if (typeof sequenceNumber === 'string') return { sequenceNumber };
  throw badRequest('"from" is latest, oldest, {"timeMs": ...} or {"sequenceNumber": "..."}.');
}

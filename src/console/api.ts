import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import { badRequest, ConsoleError, denied, json, notFound } from './answers.ts';
import type { Caller } from './caller.ts';
import { EventStream } from './event-stream.ts';
import { member, textsOf } from './input.ts';
import { exportOf } from './export.ts';
import { consoleLimits } from './limits.ts';
import { objectContent, objectView } from './objects.ts';
import { RateSampler } from './rates.ts';
import { recordOf } from './record.ts';
import type { Session } from './sessions.ts';
import { streamsPage } from './streams.ts';
import { fromOfText } from './tail-start.ts';
import { Topics } from './topics.ts';
import { supportArchive } from './support-archive.ts';
import type { Views } from './views.ts';
import { whileAllowed } from './while-allowed.ts';

interface OpenStream {
  readonly events: EventStream;
  /** The request that opened it, which lasts as long as the stream. */
  readonly http: HttpRequest;
  /** Undefined with `--auth off`. */
  readonly owner: Session | undefined;
}

/** The console's own API, below `api/`; its page in docs/ describes it. */
export class ConsoleApi {
  readonly #views: Views;
  readonly #clock: Clock;
  readonly #isReadOnly: boolean;
  readonly #rates: RateSampler;
  readonly #topics: Topics;
  /** By id, with who opened it. */
  readonly #streams = new Map<string, OpenStream>();

  constructor(views: Views, isReadOnly: boolean) {
    this.#views = views;
    this.#clock = views.clock;
    this.#isReadOnly = isReadOnly;
    this.#rates = new RateSampler(views.metrics, views.clock);
    this.#topics = new Topics(views, this.#rates);
  }

  /** `path` is what follows `api/`. Throws ConsoleError. */
  async answer(
    path: string,
    request: HttpRequest,
    caller: Caller,
    session: Session | undefined,
  ): Promise<HttpResponse> {
    const [first, second = '', third = ''] = path.split('/');
    const { method } = request;
    if (method === 'GET' && path === 'events') return this.#openEvents(request, session);
    if (method === 'POST' && first === 'events') {
      return await this.#subscribe(this.#eventsOf(second, session), request, caller);
    }
    if (method === 'POST' && first === 'call') return await this.#call(second, third, request, caller);
    if (method === 'GET' && path === 'streams') return await this.#listStreams(request, caller);
    if (method === 'GET' && path === 'record') return await this.#record(request, caller);
    if (method === 'GET' && path === 'export') return await this.#export(request, caller);
    if (method === 'GET' && first === 'object') return await this.#object(second, request, caller);
    throw notFound(`${method} api/${path}`);
  }

  #openEvents(http: HttpRequest, owner: Session | undefined): HttpResponse {
    if (this.#streams.size >= consoleLimits.eventStreamsMax) {
      throw new ConsoleError(503, 'TooManyStreams', 'Too many browsers show the console.');
    }
    const events = new EventStream(this.#clock);
    this.#streams.set(events.id, { events, http, owner });
    const close = (): void => events.close();
    owner?.ended.addEventListener('abort', close, { once: true });
    const closed = (): void => {
      this.#streams.delete(events.id);
      owner?.ended.removeEventListener('abort', close);
    };
    events.signal.addEventListener('abort', closed, { once: true });
    return {
      status: 200,
      headers: { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' },
      body: events,
      endless: true,
    };
  }

  #eventsOf(id: string, session: Session | undefined): OpenStream {
    const found = this.#streams.get(id);
    if (found === undefined || found.owner !== session) throw notFound('event stream');
    return found;
  }

  async #subscribe(found: OpenStream, http: HttpRequest, caller: Caller): Promise<HttpResponse> {
    const input = await bodyOf(http);
    for (const name of textsOf(input, 'close')) found.events.unsubscribe(name);
    const opened = member(input, 'open') ?? {};
    const refused: Record<string, object> = {};
    for (const [name, wanted] of Object.entries(opened)) {
      if (found.events.subscriptionCount >= consoleLimits.subscriptionsMax) {
        throw new ConsoleError(429, 'TooManySubscriptions', 'This browser shows too many pages.');
      }
      try {
        const check = () => this.#topics.open(wanted, caller);
        const run = await check();
        found.events.subscribe(name, (outlet, signal) =>
          whileAllowed(this.#clock, signal, check, (until) =>
            run({ caller, http: found.http, outlet, signal: until }),
          ),
        );
      } catch (error) {
        if (!(error instanceof ConsoleError)) throw error;
        refused[name] = { code: error.code, message: error.message };
      }
    }
    return json({ refused });
  }

  async #call(service: string, name: string, request: HttpRequest, caller: Caller): Promise<HttpResponse> {
    if (service === 'nagare' && name === 'GetSupportArchive') {
      return await supportArchive(this.#views, caller, request, await bodyOf(request));
    }
    const operation = this.#views.calls.find(service, name);
    if (operation === undefined) throw notFound(`operation ${service}:${name}`);
    if (this.#isReadOnly && !operation.isRead) {
      throw new ConsoleError(
        403,
        'ReadOnly',
        'The console is read-only: the server was started with --console read-only.',
      );
    }
    const body = await request.body(consoleLimits.requestBytesMax);
    return await operation.call(request, caller.principal(operation.signingName), body.bytes);
  }

  async #listStreams({ query }: HttpRequest, caller: Caller): Promise<HttpResponse> {
    const given = new URLSearchParams(query);
    const number = (name: string, fallback: number): number => {
      const value = Number(given.get(name) ?? fallback);
      if (!Number.isSafeInteger(value) || value < 0) throw badRequest(`"${name}" must be a whole number.`);
      return value;
    };
    const wanted = {
      filter: given.get('filter') ?? '',
      offset: number('offset', 0),
      limit: number('limit', 50),
    };
    return json(await streamsPage(this.#views, this.#rates, caller, wanted));
  }

  async #record({ query }: HttpRequest, caller: Caller): Promise<HttpResponse> {
    const given = new URLSearchParams(query);
    const [stream = '', shard = '', seq = ''] = ['stream', 'shard', 'seq'].map(
      (name) => given.get(name) ?? '',
    );
    const arn = this.#views.inspector.stream(stream)?.arn;
    if (arn === undefined) throw notFound(`stream ${stream}`);
    if (!(await caller.may('kinesis:GetRecords', arn))) throw denied('kinesis:GetRecords', arn);
    return json(await recordOf(this.#views, { stream, shard, seq }, given.has('whole')));
  }

  async #export({ query }: HttpRequest, caller: Caller): Promise<HttpResponse> {
    const given = new URLSearchParams(query);
    const stream = given.get('stream') ?? '';
    const format = given.get('format') ?? 'ndjson';
    if (format !== 'ndjson' && format !== 'csv') throw badRequest('"format" is ndjson or csv.');
    const arn = this.#views.inspector.stream(stream)?.arn;
    if (arn === undefined) throw notFound(`stream ${stream}`);
    if (!(await caller.may('kinesis:GetRecords', arn))) throw denied('kinesis:GetRecords', arn);
    const shards = (given.get('shards') ?? '').split(',').filter((shard) => shard !== '');
    const from = fromOfText(given.get('from') ?? 'latest');
    return exportOf(this.#views, { stream, shards, from, filter: given.get('filter') ?? '', format });
  }

  async #object(part: string, http: HttpRequest, caller: Caller): Promise<HttpResponse> {
    const given = new URLSearchParams(http.query);
    const [bucket, key] = [given.get('bucket'), given.get('key')];
    if (bucket === null || key === null) throw badRequest('"bucket" and "key" are missing.');
    if (part === 'content') return await objectContent(this.#views, caller, http, { bucket, key });
    if (part !== 'head' && part !== 'tail') throw notFound(`api/object/${part}`);
    return await objectView(this.#views, caller, http, { bucket, key }, part);
  }

  async close(): Promise<void> {
    for (const { events } of this.#streams.values()) events.close();
    await this.#rates.close();
  }
}

export async function bodyOf(request: HttpRequest): Promise<unknown> {
  const body = await request.body(consoleLimits.requestBytesMax);
  try {
    return body.json();
  } catch {
    throw badRequest('The body is not JSON.');
  }
}

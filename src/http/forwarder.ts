import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { httpLimits } from './limits.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import type { Outgoing } from './outgoing.ts';
import type { Clock } from '../support/clock.ts';

/** Fields of one connection (RFC 9110, section 7.6.1), and what HTTP/2 has in their place. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
  'trailer',
  'host',
  // This server has asked for the body already.
  'expect',
]);

const FORWARDED = 'x-nagare-forwarded';

/** The request did not reach the other server, or its answer did not come back. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** Nothing of the request was sent or read: it can be forwarded again. */
  readonly isUntouched: boolean;

  constructor(url: string, isUntouched: boolean, cause: unknown) {
    super(`${url} cannot be reached`, { cause });
    this.isUntouched = isUntouched;
  }
}

/** Whether another server has forwarded it: it is not forwarded again, or two servers could pass it on for ever. */
export function isForwarded({ headers }: HttpRequest): boolean {
  return headers[FORWARDED] !== undefined;
}

interface Connection {
  readonly url: string;
  readonly session: ClientHttp2Session;
  /** The next request takes another connection. */
  readonly forget: () => void;
  /** Requests without their whole answer. */
  requests: number;
}

export interface ForwarderOptions {
  readonly clock: Clock;
  /** What to trust, and what to show, of servers with https URLs; called for each connection. */
  readonly tls?: () => Promise<SecureClientSessionOptions>;
}

/**
 * Sends requests on to another server by HTTP/2, as they came: the signature holds for the same method, path, host and
 * headers. Large bodies and answers are streamed, at the pace of the slower side. The address of the client is added to
 * X-Forwarded-For.
 */
export class Forwarder {
  readonly #options: ForwarderOptions;
  /** The newest connection, by URL. */
  readonly #newest = new Map<string, Promise<Connection>>();
  readonly #open = new Set<Connection>();
  #closed = false;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Rejects with UnreachableError, and so does the body of an answer that breaks off later. */
  async forward(outgoing: Outgoing, url: string): Promise<HttpResponse> {
    const { request } = outgoing;
    const connection = await this.#connection(url);
    await outgoing.prepare();
    request.signal.throwIfAborted();
    let stream: ClientHttp2Stream;
    try {
      stream = connection.session.request(headersOf(request, url), { endStream: outgoing.isEmpty });
    } catch (error) {
      throw new UnreachableError(url, outgoing.isKept, error);
    }
    connection.requests++;
    const cancel = (): void => stream.close(constants.NGHTTP2_CANCEL);
    const broken = new AbortController();
    request.signal.addEventListener('abort', cancel);
    stream.once('close', () => {
      request.signal.removeEventListener('abort', cancel);
      if (!stream.readableEnded) broken.abort();
      connection.requests--;
      this.#endIfUnused(connection);
    });
    outgoing.send(stream, cancel);
    try {
      const response = responseOf(await answerOf(stream), bodyOf(stream, url), broken.signal);
      if (response.endless === true) this.#cutWhenLeft(stream, connection);
      return response;
    } catch (error) {
      // A server that shuts down refuses what it has not begun (RFC 9113, section 8.7).
      const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      throw new UnreachableError(url, isRefused && outgoing.isKept, error);
    }
  }

  /** The server is not needed any more: ends its connections, soon those with open requests too. */
  leave(url: string): void {
    const left = [...this.#open].filter((connection) => connection.url === url);
    this.#newest.delete(url);
    for (const connection of left) this.#endIfUnused(connection);
    this.#options.clock.schedule(httpLimits.forwardLeaveMs, () => {
      for (const { session } of left) session.destroy();
    });
  }

  /** Ends all connections. Open requests fail. */
  close(): void {
    this.#closed = true;
    for (const { session } of this.#open) session.destroy();
  }

  async #connection(url: string): Promise<Connection> {
    const newest = this.#newest.get(url);
    if (newest === undefined) return await this.#next(url);
    const connection = await newest;
    if (connection.requests < httpLimits.forwardRequestsMax) return connection;
    // Another request may have opened one meanwhile.
    const present = this.#newest.get(url);
    return await (present === undefined || present === newest ? this.#next(url) : present);
  }

  #next(url: string): Promise<Connection> {
    const forget = (): void => {
      if (this.#newest.get(url) === opening) this.#newest.delete(url);
    };
    const opening = this.#connect(url, forget);
    this.#newest.set(url, opening);
    opening.catch(forget);
    return opening;
  }

  async #connect(url: string, forget: () => void): Promise<Connection> {
    const tls = await this.#options.tls?.();
    if (this.#closed) throw new UnreachableError(url, true, undefined);
    const session = connect(url, {
      ...tls,
      settings: { initialWindowSize: httpLimits.http2WindowBytes },
    });
    const connection = { url, session, forget, requests: 0 };
    this.#open.add(connection);
    session.on('error', () => {});
    session.once('close', () => {
      this.#open.delete(connection);
      forget();
    });
    // Open requests still get their answers.
    session.once('goaway', forget);
    try {
      await this.#connected(session);
      // Throws if the session was ended meanwhile.
      session.setLocalWindowSize(httpLimits.forwardWindowBytes);
    } catch (error) {
      session.destroy();
      throw new UnreachableError(url, true, error);
    }
    this.#watch(connection);
    return connection;
  }

  /** A session that is ended before it is connected may say nothing at all. */
  async #connected(session: ClientHttp2Session): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    session.once('connect', () => resolve());
    session.once('error', reject);
    session.once('close', () => reject(new Error('the connection was closed before it was open')));
    const { forwardConnectTimeoutMs: withinMs } = httpLimits;
    const cancel = this.#options.clock.schedule(withinMs, () =>
      reject(new Error(`no connection in ${withinMs} ms`)),
    );
    await promise.finally(cancel);
  }

  /** Asks a silent server for a sign of life while it owes answers: a machine without power closes no connections. */
  #watch(connection: Connection): void {
    const { session } = connection;
    let isAsked = false;
    // Not given to `setTimeout`, which would call it once.
    session.on('timeout', () => {
      if (connection.requests === 0) {
        connection.forget();
        return session.close();
      }
      if (isAsked) return session.destroy();
      isAsked = true;
      session.ping(() => (isAsked = false));
      session.setTimeout(httpLimits.forwardSilenceMs);
    });
    session.setTimeout(httpLimits.forwardSilenceMs);
  }

  /**
   * A server that leaves ends its subscriptions in order; what came last may wait for a client that does not read, which
   * gets a moment for it. It goes on where it was.
   */
  #cutWhenLeft(stream: ClientHttp2Stream, { session }: Connection): void {
    const look = (): void =>
      void this.#options.clock.schedule(httpLimits.lingerMs, () => {
        if (stream.destroyed) return;
        if (stream.closed) stream.destroy();
        else look();
      });
    session.once('goaway', look);
    stream.once('close', () => session.off('goaway', look));
  }

  /** All but the newest connection end with their last request. */
  #endIfUnused({ url, session, requests }: Connection): void {
    if (requests > 0) return;
    const newest = this.#newest.get(url);
    if (newest === undefined) return session.close();
    newest.then(
      (other) => other.session !== session && session.close(),
      () => session.close(),
    );
  }
}

function headersOf(request: HttpRequest, url: string): OutgoingHttpHeaders {
  const { method, path, query, authority, headers, peer } = request;
  const sent: OutgoingHttpHeaders = {
    ':method': method,
    ':path': query === '' ? path : `${path}?${query}`,
    ':authority': authority,
    ':scheme': new URL(url).protocol.slice(0, -1),
  };
  for (const name in headers) {
    if (!ofConnection.has(name) && !name.startsWith(':')) sent[name] = headers[name];
  }
  const before = headers['x-forwarded-for'];
  sent['x-forwarded-for'] = before === undefined ? peer.address : `${String(before)}, ${peer.address}`;
  sent[FORWARDED] = '1';
  return sent;
}

/** Rejects when the stream ends without an answer. */
function answerOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    stream.once('response', resolve);
    // After the answer, what breaks is thrown by the iteration of the body.
    stream.on('error', reject);
    stream.once('close', () => reject(new Error('the connection was closed before the answer')));
  });
}

function bodyOf(stream: ClientHttp2Stream, url: string): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = stream.iterator();
      return {
        async next() {
          try {
            // Nobody has set an encoding.
            return (await chunks.next()) as IteratorResult<Uint8Array>;
          } catch (error) {
            throw new UnreachableError(url, false, error);
          }
        },
        return() {
          stream.destroy();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}

function responseOf(
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Uint8Array>,
  broken: AbortSignal,
): HttpResponse {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    fields[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    status: Number(headers[':status']),
    headers: fields,
    body,
    endless: fields['content-type'] === 'application/vnd.amazon.eventstream',
    broken,
  };
}

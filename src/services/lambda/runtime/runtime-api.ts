import { BodyTooLargeError, type HttpRequest, type HttpResponse } from '../../../http/message.ts';
import { type HttpServer, listen } from '../../../http/server.ts';
import type { Log } from '../../../support/log.ts';
import { lambdaLimits } from '../limits.ts';
import * as outcomes from './outcome.ts';
import type { InvocationOutcome } from './outcome.ts';
import type { TraceHeaders } from './trace-headers.ts';

/** Receives what a function's process reports. */
export interface RuntimeListener {
  /**
   * It asks for an invocation: its handler is loaded, and its previous invocation is done. Returns false when it has
   * not finished that one.
   */
  next(): boolean;
  /** Returns false when that is not its current invocation. */
  finish(requestId: string, outcome: InvocationOutcome): boolean;
  /** Its handler cannot be loaded. Returns false when it has asked for an invocation before. */
  initError(outcome: InvocationOutcome): boolean;
  loadedFiles(payload: Buffer): void;
}

export interface HandedInvocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly trace: TraceHeaders;
  readonly clientContext: string | undefined;
}

const PREFIX = '/2018-06-01/runtime/';

/** What Lambda offers to processes beside the Runtime API, and nagare does not. */
const refusedApis = [
  ['/2020-01-01/extension/', 'Extension.NotSupported', 'nagare does not support the Extensions API yet'],
  ['/2020-08-15/logs', 'Logs.NotSupported', 'Logs API is not supported'],
  ['/2022-07-01/telemetry', 'Telemetry.NotSupported', 'Telemetry API is not supported'],
  [`${PREFIX}restore/`, 'Restore.NotSupported', 'nagare does not support SnapStart yet'],
] as const;

/** A handler may be busy for 15 minutes while its connection is idle, or reads nothing. */
const PATIENT = 24 * 60 * 60 * 1000;
const timeouts = {
  headersMs: PATIENT,
  requestMs: PATIENT,
  keepAliveMs: PATIENT,
  writeMs: PATIENT,
  shutdownGraceMs: 0,
};

/**
 * The Lambda Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) for one process, on its own loopback
 * port: the port identifies the process, whatever runtime client it uses.
 */
export class RuntimeApi {
  readonly #listener: RuntimeListener;
  #server: HttpServer | undefined;
  /** The value of AWS_LAMBDA_RUNTIME_API. */
  #address = '';
  /** Answers the pending call for the next invocation. */
  #parked: ((response: HttpResponse) => void) | undefined;
  /** An invocation whose process has closed the connection of that call, and will ask again. */
  #waiting: HandedInvocation | undefined;

  private constructor(listener: RuntimeListener) {
    this.#listener = listener;
  }

  static async open(listener: RuntimeListener, log: Log): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener);
    const handler = (request: HttpRequest): Promise<HttpResponse> => api.#answer(request);
    api.#server = await listen({ host: '127.0.0.1', port: 0, handler, log, timeouts });
    api.#address = `127.0.0.1:${api.#server.port}`;
    return api;
  }

  /** The value of AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return this.#address;
  }

  /** Answers the pending call for the next invocation. */
  hand(invocation: HandedInvocation): void {
    const respond = this.#parked;
    this.#parked = undefined;
    if (respond === undefined) this.#waiting = invocation;
    else respond(handed(invocation));
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    if (isFromPage(request, this.#address)) {
      const errorMessage =
        'Only runtimes may call the Runtime API, at the address in AWS_LAMBDA_RUNTIME_API.';
      return json(403, { errorType: 'Forbidden', errorMessage });
    }
    const { path } = request;
    if (!path.startsWith(PREFIX)) return refusedApi(path) ?? unknownPath(path);
    const route = this.#routeOf(path.slice(PREFIX.length).split('/'));
    if (route === undefined) return refusedApi(path) ?? unknownPath(path);
    if (request.method !== route.method) {
      const errorMessage = `${path} accepts ${route.method}, not ${request.method}`;
      return json(405, { errorType: 'MethodNotAllowed', errorMessage });
    }
    return await route.run(request);
  }

  #routeOf([what, id, verb, ...rest]: readonly string[]): Route | undefined {
    if (what === undefined || rest.length > 0) return undefined;
    if (what === 'invocation' && id === 'next' && verb === undefined) {
      return { method: 'GET', run: (request) => this.#next(request) };
    }
    if (what === 'invocation' && id !== undefined && isFinish(verb)) {
      return { method: 'POST', run: (request) => this.#finish(request, id, verb) };
    }
    if (what === 'init' && id === 'error' && verb === undefined) {
      return { method: 'POST', run: (request) => this.#initError(request) };
    }
    if (what === 'loaded-files' && id === undefined) {
      return { method: 'POST', run: (request) => this.#loadedFiles(request) };
    }
    return undefined;
  }

  /** Waits for the next invocation, however long that takes. */
  #next({ signal }: HttpRequest): Promise<HttpResponse> | HttpResponse {
    if (this.#parked !== undefined) return refusedState('it is waiting for an invocation already');
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) return handed(waiting);
    return new Promise((resolve) => {
      const leave = (): void => {
        if (this.#parked === respond) this.#parked = undefined;
        resolve(refusedState('its connection is closed'));
      };
      const respond = (response: HttpResponse): void => {
        signal.removeEventListener('abort', leave);
        resolve(response);
      };
      signal.addEventListener('abort', leave);
      this.#parked = respond;
      if (this.#listener.next()) return;
      this.#parked = undefined;
      respond(refusedState('it has not finished its invocation'));
    });
  }

  async #finish(request: HttpRequest, requestId: string, verb: FinishVerb): Promise<HttpResponse> {
    const mode = headerOf(request, 'lambda-runtime-function-response-mode');
    if (verb !== 'error' && mode !== undefined) return this.#refuseMode(requestId, mode);
    const body = await readBody(request);
    if (body === undefined) {
      this.#listener.finish(requestId, outcomes.responseTooLarge(lambdaLimits.invokeResponseBytesMax));
      return refusedSize();
    }
    const outcome =
      verb === 'error' ? outcomes.reported(errorTypeOf(request), body) : outcomes.returned(body);
    const isCurrent = this.#listener.finish(requestId, outcome);
    if (!isCurrent) return json(400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' });
    return verb === 'response-and-next' ? await this.#next(request) : json(202, { status: 'OK' });
  }

  /** A body that is streamed may have no end: it is not waited for. */
  #refuseMode(requestId: string, mode: string): HttpResponse {
    const errorMessage =
      mode.toLowerCase() === 'streaming'
        ? 'nagare does not support response streaming yet'
        : 'Invalid function response mode';
    this.#listener.finish(requestId, outcomes.failed('Runtime.InvalidResponseModeHeader', errorMessage));
    return json(400, { errorMessage, errorType: 'InvalidFunctionResponseMode' });
  }

  async #initError(request: HttpRequest): Promise<HttpResponse> {
    const body = await readBody(request);
    if (body === undefined) return refusedSize();
    const accepted = this.#listener.initError(outcomes.reported(errorTypeOf(request), body));
    return accepted ? json(202, { status: 'OK' }) : refusedState('its initialization has ended');
  }

  async #loadedFiles(request: HttpRequest): Promise<HttpResponse> {
    const body = await readBody(request);
    if (body === undefined) return refusedSize();
    this.#listener.loadedFiles(body);
    return json(202, { status: 'OK' });
  }
}

/** `response-and-next` is for nagare's own runtime clients: its answer is the next invocation. */
type FinishVerb = 'response' | 'response-and-next' | 'error';

function isFinish(verb: string | undefined): verb is FinishVerb {
  return verb === 'response' || verb === 'response-and-next' || verb === 'error';
}

interface Route {
  readonly method: 'GET' | 'POST';
  run(request: HttpRequest): Promise<HttpResponse> | HttpResponse;
}

/** Lambda-Runtime-Cognito-Identity is never sent: only callers with credentials of Cognito have such an identity. */
function handed({ payload, clientContext, ...invocation }: HandedInvocation): HttpResponse {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': invocation.requestId,
    'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
    'lambda-runtime-invoked-function-arn': invocation.functionArn,
    ...invocation.trace,
  };
  if (clientContext !== undefined) headers['lambda-runtime-client-context'] = clientContext;
  return { status: 200, headers, body: payload };
}

/**
 * A web page in a browser on this machine can send requests to any port of the loopback. Browsers set these headers;
 * a page whose own name resolves to 127.0.0.1 (DNS rebinding) sends its name as Host.
 */
function isFromPage({ headers }: HttpRequest, address: string): boolean {
  return headers.host !== address || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

function errorTypeOf(request: HttpRequest): string | undefined {
  return headerOf(request, 'lambda-runtime-function-error-type');
}

function headerOf(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refusedApi(path: string): HttpResponse | undefined {
  const refused = refusedApis.find(([prefix]) => path.startsWith(prefix));
  return refused && json(403, { errorType: refused[1], errorMessage: refused[2] });
}

function unknownPath(path: string): HttpResponse {
  return json(404, { errorType: 'NotFound', errorMessage: `unknown path: ${path}` });
}

/** The process may not do this now. */
function refusedState(reason: string): HttpResponse {
  const errorMessage = `State transition failed for runtime. Error: ${reason}`;
  return json(403, { errorMessage, errorType: 'InvalidStateTransition' });
}

function refusedSize(): HttpResponse {
  const errorMessage = `Exceeded maximum allowed payload size (${lambdaLimits.invokeResponseBytesMax} bytes).`;
  return json(413, { errorMessage, errorType: 'RequestEntityTooLarge' });
}

/** Returns undefined when the body is longer than a response may be. */
async function readBody(request: HttpRequest): Promise<Buffer | undefined> {
  const bytesMax = lambdaLimits.invokeResponseBytesMax;
  try {
    const { bytes } = request.bodyAtHand(bytesMax) ?? (await request.body(bytesMax));
    return bytes;
  } catch (error) {
    if (error instanceof BodyTooLargeError) return undefined;
    throw error;
  }
}

function json(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

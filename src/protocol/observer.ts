import type { Principal } from '../auth/principal.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Peer } from '../http/message.ts';
import type { ServiceError } from '../errors.ts';
import type { RequestIds } from './request-ids.ts';
import type { Service } from './service.ts';

/** What the policies say of a request. */
export interface PolicyDecision {
  /** `kinesis:PutRecord`; more than one where an operation needs several permissions. */
  readonly actions: readonly string[];
  /** ARNs. */
  readonly resources: readonly string[];
  readonly isAllowed: boolean;
}

/** What is known of an answer besides the answer itself. */
export interface Outcome {
  readonly service: Service;
  /** Undefined if the request was refused before its operation was known. */
  readonly operation?: string | undefined;
  readonly ids: RequestIds;
  /** The decoded input. Its blobs may refer to memory that is used again: they must not be read. */
  readonly input?: object | undefined;
  /** What the operation has returned, also as EncodedOutput. */
  readonly output?: unknown;
  readonly error?: ServiceError | undefined;
  readonly decision?: PolicyDecision | undefined;
  /** Who signed the form that is the input; the request itself is not signed. */
  readonly signer?: Principal | undefined;
}

/** A request with its answer, before that is sent. */
export interface AnsweredRequest {
  readonly request: HttpRequest;
  readonly peer: Peer;
  readonly response: HttpResponse;
  /** Only what the request claims, unless it is admitted. Undefined for a web page that is not allowed. */
  readonly principal: Principal | undefined;
  /** Its host and origin are allowed, and its signature holds or is not checked. */
  readonly isAdmitted: boolean;
  /** Undefined for nagare's own paths, and if no service was found. */
  readonly outcome: Outcome | undefined;
  /** From the head of the request to the head of the answer. */
  readonly durationMs: number;
}

/** Gets each request when it is answered, also those that are refused. Must not throw. */
export interface RequestObserver {
  /** Whether it wants requests now; those that it does not want cost nothing more. */
  readonly isWatching: boolean;
  answered(answered: AnsweredRequest): void;
}

const outcomeKey = Symbol('outcome');

interface WithOutcome extends HttpResponse {
  readonly [outcomeKey]?: Outcome;
}

/** The answer with what an observer gets to know of it. */
export function withOutcome(response: HttpResponse, outcome: Outcome): HttpResponse {
  const observed: WithOutcome = { ...response, [outcomeKey]: outcome };
  return observed;
}

export function outcomeOf(response: HttpResponse): Outcome | undefined {
  const observed: WithOutcome = response;
  return observed[outcomeKey];
}

/** What the dispatcher itself sees of a request, for its observer. */
export class Sighting {
  readonly #request: HttpRequest;
  readonly #startMs = performance.now();
  /** Unknown once the connection is closed. */
  readonly #peer: Peer;
  #principal: Principal | undefined;
  #isAdmitted = false;

  constructor(request: HttpRequest) {
    this.#request = request;
    this.#peer = request.peer;
  }

  claims(principal: Principal): void {
    this.#principal = principal;
  }

  isFrom(principal: Principal): void {
    this.#principal = principal;
    this.#isAdmitted = true;
  }

  answered(response: HttpResponse): AnsweredRequest {
    const outcome = outcomeOf(response);
    return {
      request: this.#request,
      peer: this.#peer,
      response,
      principal: outcome?.signer ?? this.#principal,
      isAdmitted: this.#isAdmitted,
      outcome,
      durationMs: performance.now() - this.#startMs,
    };
  }
}

/** A handler whose answers go through the observer. */
export function observed(
  observer: RequestObserver,
  handle: (request: HttpRequest, sighting?: Sighting) => Promise<HttpResponse>,
): HttpHandler {
  return async (request) => {
    if (!observer.isWatching) return await handle(request);
    const sighting = new Sighting(request);
    let response: HttpResponse = { status: 500, headers: {} };
    try {
      response = await handle(request, sighting);
      return response;
    } finally {
      observer.answered(sighting.answered(response));
    }
  };
}

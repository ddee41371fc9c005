import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { bodyStream, collectBody } from '../body.ts';
import type { BodyReservation } from '../body-memory-budget.ts';
import type { HttpRequest, Peer } from '../message.ts';
import { peerOf } from '../peer.ts';
import { type ResponseMemoryBudget, ResponseReservation } from '../response-memory-budget.ts';
import type { OpenRequests } from '../open-requests.ts';
import { authorityOfTarget, splitTarget } from '../request-target.ts';
import type { IncomingBody } from './incoming-body.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { RequestBody } from '../request-body.ts';
import type { RequestHead } from './request-head.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Rarely used parts (the signal, the reservation) are created on first use. */
export class Http1Request implements HttpRequest {
  readonly #socket: Socket;
  readonly #head: RequestHead;
  readonly #body: IncomingBody;
  readonly #open: OpenRequests;
  readonly #share: BodyReservation;
  readonly #responses: ResponseMemoryBudget;
  readonly #proxies: TrustedProxies | undefined;
  #responseMemory: ResponseReservation | undefined;
  #abort: AbortController | undefined;
  #continueOwed: boolean;
  readonly path: string;
  readonly query: string;

  constructor(
    socket: Socket,
    head: RequestHead,
    body: IncomingBody,
    open: OpenRequests,
    share: BodyReservation,
    responses: ResponseMemoryBudget,
    proxies?: TrustedProxies,
  ) {
    this.#proxies = proxies;
    this.#responses = responses;
    this.#socket = socket;
    this.#head = head;
    this.#body = body;
    this.#open = open;
    this.#share = share;
    this.#continueOwed = head.expectsContinue && !body.ended;
    [this.path, this.query] = splitTarget(head.target);
  }

  get method(): string {
    return this.#head.method;
  }

  get headers(): IncomingHttpHeaders {
    return this.#head.headers;
  }

  get authority(): string {
    const { target, headers } = this.#head;
    return authorityOfTarget(target) ?? headers.host ?? '';
  }

  get httpVersion(): '1.0' | '1.1' {
    return this.#head.version;
  }

  get secure(): boolean {
    return 'encrypted' in this.#socket;
  }

  get peer(): Peer {
    const peer = peerOf(this.#socket);
    return this.#proxies?.senderOf(peer, this.headers['x-forwarded-for']) ?? peer;
  }

  get undeclaredBytes(): number {
    return this.#body.undeclaredBytes;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = this.#open.abortable(this);
      if (this.#socket.destroyed) this.#open.gone(this);
    }
    return this.#abort.signal;
  }

  get responseMemory(): ResponseReservation {
    return (this.#responseMemory ??= new ResponseReservation(this.#responses));
  }

  /** Frees the response: it was read, or will not be. */
  freeResponse(): void {
    this.#responseMemory?.free();
  }

  bodyAtHand(limitBytes: number): RequestBody | undefined {
    const { bytesAtHand } = this.#body;
    if (bytesAtHand === undefined || bytesAtHand > limitBytes || !this.#share.take(bytesAtHand))
      return undefined;
    return new RequestBody(this.#body.takeWhole());
  }

  body(limitBytes: number): Promise<RequestBody> {
    const { declaredBytes } = this.#body;
    const collected = collectBody(this.#body, declaredBytes, limitBytes, this.#share);
    if (declaredBytes === undefined || declaredBytes <= limitBytes) this.#continue();
    return collected;
  }

  stream(): Readable {
    this.#continue();
    return bodyStream(this.#body);
  }

  /** Sends 100 Continue only when something reads the body. */
  #continue(): void {
    if (!this.#continueOwed) return;
    this.#continueOwed = false;
    this.#socket.write(CONTINUE);
  }
}

import { isIPv6 } from 'node:net';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { isLoopbackAddress } from '../../support/loopback.ts';
import { TokenBucket } from '../../support/token-bucket.ts';
import type { Denial, DenialKind } from '../denial.ts';
import type { RequestGate } from '../gate.ts';
import type { Principal } from '../principal.ts';
import { Budget, type RateLimit, type RateSettings, Recent } from './budgets.ts';
import { rateLimits } from './limits.ts';

export interface RateGateOptions extends RateSettings {
  /** Milliseconds of a clock that never goes back; an integer. */
  readonly nowMs: () => number;
  /** Called for each request that a limit refuses, and each refusal that is sent later. */
  readonly onLimit: (limit: RateLimit | 'wrong signatures') => void;
}

/** The signature was not checked. */
const NOT_WRONG: ReadonlySet<DenialKind> = new Set(['too-large', 'no-room', 'client-gone']);

/** An address with its budget; undefined for loopback addresses. */
interface Address {
  readonly budget: Budget | undefined;
  readonly wrongSignatures: TokenBucket;
  readonly isIdle: boolean;
}

/**
 * Limits what one caller and one address may do. Loopback addresses have no limits of their own, because functions and
 * proxies of this machine share them; root has none as a caller, so that an operator can always act.
 */
export class RateGate implements RequestGate {
  readonly #options: RateGateOptions;
  readonly #callers: Recent<Budget>;
  readonly #addresses: Recent<Address>;

  constructor(options: RateGateOptions) {
    this.#options = options;
    const { nowMs } = options;
    this.#callers = new Recent(rateLimits.callersMax, () => new Budget(options, nowMs()));
    this.#addresses = new Recent(rateLimits.addressesMax, (address) => {
      const budget = isLoopbackAddress(address) ? undefined : new Budget(options, nowMs());
      const wrongSignatures = new TokenBucket(rateLimits.wrongSignaturesPerSecond, nowMs());
      return {
        budget,
        wrongSignatures,
        get isIdle() {
          return budget?.isIdle !== false;
        },
      };
    });
  }

  arrive(request: HttpRequest, claimed: Principal): Denial | undefined {
    return this.#take(this.#addressOf(request).budget, request, claimed);
  }

  identify(request: HttpRequest, principal: Principal): Denial | undefined {
    return this.#take(this.#callerOf(principal), request, principal);
  }

  fail(request: HttpRequest, { kind }: Denial): number {
    if (NOT_WRONG.has(kind)) return 0;
    const { wrongSignatures } = this.#addressOf(request);
    const nowMs = this.#options.nowMs();
    wrongSignatures.charge(1, nowMs);
    const waitMs = wrongSignatures.waitMs(nowMs);
    if (waitMs > 0) this.#options.onLimit('wrong signatures');
    return Math.min(waitMs, rateLimits.refusalDelayMsMax);
  }

  leave(request: HttpRequest, principal: Principal, response: HttpResponse): HttpResponse | Denial {
    const ofAddress = this.#addressOf(request).budget;
    const ofCaller = this.#callerOf(principal);
    const nowMs = this.#options.nowMs();
    const bytes = bytesOf(response) + (request.undeclaredBytes ?? 0);
    ofAddress?.charge(bytes, nowMs);
    ofCaller?.charge(bytes, nowMs);
    if (response.endless !== true) return response;
    const budgets = [ofAddress, ofCaller].filter((budget) => budget !== undefined);
    if (!budgets.every((budget) => budget.hasStream())) return this.#refuse('streams', principal);
    return counted(response, budgets);
  }

  #take(budget: Budget | undefined, { headers }: HttpRequest, principal: Principal): Denial | undefined {
    if (budget === undefined) return undefined;
    const limit = budget.request(bytesIn(headers['content-length']), this.#options.nowMs());
    return limit === undefined ? undefined : this.#refuse(limit, principal);
  }

  #refuse(limit: RateLimit, { scope }: Principal): Denial {
    this.#options.onLimit(limit);
    const isS3 = scope?.service === 's3';
    return { kind: 'throttled', message: isS3 ? 'Please reduce your request rate.' : 'Rate exceeded' };
  }

  #callerOf({ identity }: Principal): Budget | undefined {
    // Who is not known is limited by address.
    if (identity.kind !== 'user' && identity.kind !== 'assumed-role') return undefined;
    // All sessions of a role together: a caller chooses their names.
    return this.#callers.get(identity.roleArn ?? identity.arn);
  }

  #addressOf({ peer }: HttpRequest): Address {
    return this.#addresses.get(networkOf(peer.address));
  }
}

/** A host may use any address of its IPv6 network of 64 bits. */
export function networkOf(address: string): string {
  // For each request: most addresses are none of IPv6.
  if (!address.includes(':') || !isIPv6(address) || isLoopbackAddress(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const zeros = Array.from({ length: missing }, () => '0');
  return `${[...groups, ...zeros, ...(tail ?? '').split(':')].slice(0, 4).join(':')}::`;
}

function bytesOf({ headers, body }: HttpResponse): number {
  if (body === undefined) return 0;
  if (typeof body === 'string' || body instanceof Uint8Array) return body.length;
  return bytesIn(headers['Content-Length'] ?? headers['content-length']);
}

/** 0 if the length is not stated. */
function bytesIn(contentLength: string | undefined): number {
  const bytes = contentLength === undefined ? 0 : Number(contentLength);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
}

/** The response, whose stream counts until it has ended or the client has left. */
function counted(response: HttpResponse, budgets: readonly Budget[]): HttpResponse {
  const { body } = response;
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return response;
  for (const budget of budgets) budget.openStream();
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const budget of budgets) budget.closeStream();
  };
  return { ...response, body: whileOpen(body, close) };
}

/** Not a generator: `return` must close one that was never read. */
function whileOpen(source: AsyncIterable<Uint8Array>, close: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = source[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const chunk = await chunks.next();
            if (chunk.done === true) close();
            return chunk;
          } catch (error) {
            close();
            throw error;
          }
        },
        async return() {
          close();
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

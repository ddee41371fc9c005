import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { ServedHosts } from './hosts.ts';
import { nobody } from './identity.ts';
import { isPreflight, preflightAnswer } from './origins.ts';
import { principalOf, type Principal } from './principal.ts';

export interface AdmissionOptions {
  /** The address that the server listens on. */
  readonly host: string;
  /** Other names of this server (`--allow-host`). */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may send requests (`--cors-origin`). */
  readonly corsOrigins: readonly string[];
  /** The account of callers whose signatures are not checked. */
  readonly accountId?: string;
}

export interface Admitted {
  readonly kind: 'admitted';
  readonly principal: Principal;
  /** The bucket that the host names, in S3's virtual-host style. */
  readonly bucket: string | undefined;
  /** The origin of the calling page, which is allowed: the response has CORS headers for it. */
  readonly origin: string | undefined;
}

/** Answered as access denied, in the protocol of the request. */
export interface Refused {
  readonly kind: 'refused';
  readonly message: string;
}

export type Admission = Admitted | Refused | { readonly kind: 'answered'; readonly answer: HttpResponse };

export type Admit = (request: HttpRequest) => Admission;

/**
 * Decides from the request's head alone whether to admit it: before the operation is looked up and the body is read. A
 * web page on this machine can reach a loopback server like any program; the headers Host, Origin and Sec-Fetch-Site,
 * which browsers set and pages cannot change, identify such requests.
 */
export function createAdmission(options: AdmissionOptions): Admit {
  const hosts = new ServedHosts(options.host, options.allowedHosts);
  const origins = new Set(options.corsOrigins);
  const unverified = nobody('unverified', options.accountId ?? '000000000000');
  return (request) => {
    const { headers, authority } = request;
    const host = findHost(hosts, request);
    if (host === undefined) return refusedHost(authority);
    const { origin } = headers;
    if (origin !== undefined) {
      if (!origins.has(origin)) return refusedOrigin(origin);
      if (isPreflight(request)) return { kind: 'answered', answer: preflightAnswer(origin, request) };
    } else {
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'none' && site !== 'same-origin') return refusedSite(site);
    }
    return { kind: 'admitted', principal: principalOf(request, unverified), bucket: host.bucket, origin };
  };
}

/**
 * Decides which requests for pages of the server's own are admitted: those of these pages themselves, and of no page of
 * another origin. Returns why not.
 */
export function createPageAdmission(options: Pick<AdmissionOptions, 'host' | 'allowedHosts'>) {
  const hosts = new ServedHosts(options.host, options.allowedHosts);
  return (request: HttpRequest): string | undefined => {
    const { headers, authority } = request;
    const host = findHost(hosts, request);
    if (host === undefined) return refusedHost(authority).message;
    // Browsers leave it out for plain HTTP to another machine.
    const site = headers['sec-fetch-site'];
    if (site === 'same-origin') return undefined;
    // A link on another page may lead here.
    const isOpened = headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
    if (site !== undefined && site !== 'none' && !isOpened) return refusedSite(site).message;
    const { origin } = headers;
    if (origin === undefined || isOriginOf(origin, authority)) return undefined;
    return refusedOrigin(origin).message;
  };
}

/** A proxy in front of the server may do TLS. */
function isOriginOf(origin: string, authority: string): boolean {
  return origin === `https://${authority}` || origin === `http://${authority}`;
}

function findHost(hosts: ServedHosts, { headers, authority, httpVersion }: HttpRequest) {
  // HTTP/1.0 has no Host, and no browser uses it.
  if (httpVersion === '1.0' && headers.host === undefined && authority === '') return NO_HOST;
  // The target or :authority differs from Host: parsers disagree on which one counts.
  if (headers.host !== undefined && headers.host !== authority) return undefined;
  return hosts.find(authority);
}

const NO_HOST = { bucket: undefined };

function refusedHost(authority: string): Refused {
  const message =
    authority === ''
      ? 'The request has no Host.'
      : `This server does not accept the host ${JSON.stringify(shortened(authority))}. To accept it, start the server with --allow-host <name>.`;
  return { kind: 'refused', message };
}

function refusedOrigin(origin: string): Refused {
  return {
    kind: 'refused',
    message: `Pages of ${JSON.stringify(shortened(origin))} are not allowed to call this server. To allow them, start it with --cors-origin <origin>.`,
  };
}

function refusedSite(site: string | readonly string[]): Refused {
  return {
    kind: 'refused',
    message: `A page of another site sent this request without its origin (Sec-Fetch-Site: ${shortened(String(site))}). Pages must call this server by CORS, from an origin that is allowed with --cors-origin <origin>.`,
  };
}

const TOLD_LENGTH_MAX = 200;

function shortened(text: string): string {
  return text.length > TOLD_LENGTH_MAX ? `${text.slice(0, TOLD_LENGTH_MAX)}...` : text;
}

import type { HttpRequest } from '../http/message.ts';
import { type Identity, nobody } from './identity.ts';

/** What a signature claims: who signed, for which region and service. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The signing name: `kinesis`, `lambda`, `s3`, `monitoring`, ... */
  readonly service: string;
}

/** The caller. With `--auth off` signatures are not checked, and this is what the request claims. */
export interface Principal {
  /** False for a request without credentials. */
  readonly isSigned: boolean;
  /** Undefined if the request is not signed, or not with Signature Version 4. */
  readonly scope: CredentialScope | undefined;
  readonly identity: Identity;
}

/**
 * Returns the principal that a request claims, from its head alone; its signature is not checked. Only AWS's own
 * schemes count: browsers send `Authorization: Basic` for `http://user:password@host/`, which any page can open.
 */
export function principalOf(request: HttpRequest, identity: Identity = UNVERIFIED): Principal {
  return new Claim(request, identity);
}

const UNVERIFIED = nobody('unverified', '000000000000');

const PRESIGNED = /(?:^|&)(?:X-Amz-)?Signature=[^&]/;

/** Few requests need the scope, so it is parsed on first use. */
class Claim implements Principal {
  readonly #request: HttpRequest;
  #scope: CredentialScope | undefined;
  #isRead = false;
  readonly isSigned: boolean;

  readonly identity: Identity;

  constructor(request: HttpRequest, identity: Identity) {
    const { authorization } = request.headers;
    this.identity = identity;
    this.#request = request;
    this.isSigned =
      authorization === undefined ? PRESIGNED.test(request.query) : authorization.startsWith('AWS');
  }

  get scope(): CredentialScope | undefined {
    if (!this.#isRead) {
      this.#scope = readScope(this.#request);
      this.#isRead = true;
    }
    return this.#scope;
  }
}

function readScope({ headers, query }: HttpRequest): CredentialScope | undefined {
  const header = headers.authorization;
  if (header !== undefined) return parseCredential(/Credential=([^,\s]+)/.exec(header)?.[1]);
  if (!query.includes('X-Amz-Credential=')) return undefined;
  return parseCredential(new URLSearchParams(query).get('X-Amz-Credential') ?? undefined);
}

function parseCredential(credential: string | undefined): CredentialScope | undefined {
  // The access key id comes first and may contain slashes; the scope is the last four parts.
  const match =
    credential === undefined ? null : /^(.+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential);
  const [, accessKeyId, region, service] = match ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return { accessKeyId, region, service };
}

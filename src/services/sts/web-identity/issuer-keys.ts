import type { JSONWebKeySet } from 'jose';
import type { KnownOidcProvider } from '../../iam/identities.ts';
import type { Clock } from '../../../support/clock.ts';
import type { HttpClient } from '../../../support/http-json.ts';
import { idpCommunicationError } from '../errors.ts';
import { stsLimits } from '../limits.ts';
import { isTrustedChain } from './trusted-chain.ts';

interface Kept {
  readonly keys: Promise<JSONWebKeySet>;
  readonly readMs: number;
  hasFailed: boolean;
}

/**
 * The public keys of issuers, from their discovery documents. They are kept for a while; a token with an unknown key has
 * them read again, though not more often than once in a while, so that tokens cannot make nagare send many requests.
 */
export class IssuerKeys {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(http: HttpClient, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  /** With `again`, keys that were read a while ago are read again. Throws IDPCommunicationError. */
  async of(provider: KnownOidcProvider, { again }: { readonly again: boolean }): Promise<JSONWebKeySet> {
    const name = JSON.stringify([provider.issuer, provider.thumbprints]);
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      const maxMs = again || kept.hasFailed ? stsLimits.issuerKeysAgainMs : stsLimits.issuerKeysKeptMs;
      if (this.#clock.now() - kept.readMs < maxMs) return await kept.keys;
    }
    const keys = this.#read(provider);
    const made: Kept = { keys, readMs: this.#clock.now(), hasFailed: false };
    // A failure is kept as well, so that an issuer that does not answer is not asked for each token.
    keys.catch(() => (made.hasFailed = true));
    this.#kept.set(name, made);
    if (this.#kept.size > stsLimits.issuersKeptMax) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return await keys;
  }

  async #read(provider: KnownOidcProvider): Promise<JSONWebKeySet> {
    try {
      const issuer = `https://${provider.issuer}`;
      const about = await this.#get(`${issuer}/.well-known/openid-configuration`, provider);
      if (about['issuer'] !== issuer && about['issuer'] !== `${issuer}/`) {
        throw new Error(`the discovery document is of ${String(about['issuer'])}`);
      }
      const { jwks_uri: url } = about;
      if (typeof url !== 'string' || !/^https:/i.test(url)) {
        throw new Error('the discovery document has no jwks_uri with https');
      }
      const { keys } = await this.#get(url, provider);
      if (!Array.isArray(keys)) throw new Error('the keys are not a JSON Web Key Set');
      return { keys: keys.filter((key) => typeof key === 'object' && key !== null) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw idpCommunicationError(`Couldn't retrieve verification key from your identity provider: ${why}`);
    }
  }

  async #get(url: string, { thumbprints }: KnownOidcProvider): Promise<Readonly<Record<string, unknown>>> {
    const { hostname } = new URL(url);
    const { status, body } = await this.#http.send(
      {
        method: 'GET',
        url,
        headers: {},
        trusts: (socket) => isTrustedChain(socket, hostname, thumbprints, this.#clock.now()),
      },
      new AbortController().signal,
    );
    if (status !== 200) throw new Error(`${url} answered with status ${status}`);
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) throw new Error(`${url} is not a JSON object`);
    return value as Readonly<Record<string, unknown>>;
  }
}

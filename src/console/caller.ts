import type { Authorizer } from '../auth/authorization/authorizer.ts';
import type { Identity } from '../auth/identity.ts';
import type { Principal } from '../auth/principal.ts';
import type { HttpRequest } from '../http/message.ts';

/** Decides what callers may do; absent with `--auth off`. */
export interface CallerGuard {
  readonly authorizer: Authorizer;
  readonly region: string;
  readonly now: () => number;
}

/** Who uses the console with one request. */
export class Caller {
  readonly identity: Identity;
  readonly #http: HttpRequest;
  readonly #guard: CallerGuard | undefined;
  readonly #region: string;

  constructor(identity: Identity, http: HttpRequest, region: string, guard: CallerGuard | undefined) {
    this.identity = identity;
    this.#http = http;
    this.#region = region;
    this.#guard = guard;
  }

  /** As a signature for this service would identify the caller. */
  principal(service: string): Principal {
    const accessKeyId = this.identity.accessKeyId ?? 'console';
    return { isSigned: true, scope: { accessKeyId, region: this.#region, service }, identity: this.identity };
  }

  async may(action: string, resource: string): Promise<boolean> {
    const { identity } = this;
    if (identity.kind === 'root' || identity.kind === 'unverified' || identity.isUnlimited === true)
      return true;
    if (this.#guard === undefined) return false;
    const { authorizer, region, now } = this.#guard;
    const permissions = [{ action, resource }];
    return (
      (await authorizer.authorize({ identity, http: this.#http, region, nowMs: now(), permissions })) ===
      undefined
    );
  }
}

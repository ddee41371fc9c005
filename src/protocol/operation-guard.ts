import type { Authorizer } from '../auth/authorization/authorizer.ts';
import { type Denied, denialMessage } from '../auth/authorization/denial-reason.ts';
import type { Permission } from '../auth/authorization/permission.ts';
import type { Identity } from '../auth/identity.ts';
import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../errors.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Authorization, AuthorizationRule, Need, Needed } from './authorization.ts';
import type { PolicyDecision } from './observer.ts';
import type { DenialFamily, ErrorCodes } from './protocol.ts';
import type { Service } from './service.ts';

export interface GuardOptions {
  readonly authorizer: Authorizer;
  readonly region: string;
  readonly accountId: string;
  /** The tags of a resource, from the service whose action is to be allowed: a call may need those of several services. */
  readonly tagsOf?: (permission: Permission) => ReturnType<NonNullable<Authorization['tagsOf']>>;
  /** The machine's time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Whether a call is allowed. */
export interface Verdict {
  readonly decision: PolicyDecision;
  /** What the caller gets instead of an answer. */
  readonly error: ServiceError | undefined;
}

/** Decides about the calls of one operation. */
export class OperationGuard {
  readonly #options: GuardOptions;
  readonly #action: string;
  readonly #rule: AuthorizationRule;
  readonly #errorCodes: () => ErrorCodes;
  readonly #sessionRefusal: ServiceError | undefined;

  constructor(service: Service, operationName: string, errorCodes: () => ErrorCodes, options: GuardOptions) {
    this.#options = options;
    const { prefix, rules } = service.authorization ?? { prefix: service.name, rules: {} };
    this.#action = `${prefix}:${operationName}`;
    // Only services of tests have operations without a rule: nobody but the account may call them.
    this.#rule = Object.hasOwn(rules, operationName) ? (rules[operationName] ?? closed) : closed;
    this.#errorCodes = errorCodes;
    this.#sessionRefusal = service.authorization?.refuseUserSession?.(operationName);
  }

  /** Undefined for a caller whom nothing limits. Throws what the rule throws. */
  check(
    input: object,
    http: HttpRequest,
    { identity }: Principal,
  ): Verdict | undefined | Promise<Verdict | undefined> {
    // Sessions of roles are what IAM and STS are called with; those of GetSessionToken are not.
    if (this.#sessionRefusal !== undefined && identity.session !== undefined && isOwnSession(identity)) {
      return {
        decision: { actions: [this.#action], resources: [], isAllowed: false },
        error: this.#sessionRefusal,
      };
    }
    if (identity.kind === 'root' || identity.isUnlimited === true) return undefined;
    const { region, accountId } = this.#options;
    const needed = this.#rule(input as never, { region, accountId, identity, http });
    if (!(needed instanceof Promise)) return this.#decide(needed, identity, http);
    return needed.then((found) => this.#decide(found, identity, http));
  }

  /** The error for a part of a call that is not allowed. */
  refusalOf(
    need: Need,
    http: HttpRequest,
    { identity }: Principal,
  ): ServiceError | undefined | Promise<ServiceError | undefined> {
    if (identity.kind === 'root' || identity.isUnlimited === true) return undefined;
    const verdict = this.#decide(need, identity, http);
    return verdict instanceof Promise ? verdict.then(({ error }) => error) : verdict.error;
  }

  #decide(needed: Needed, identity: Identity, http: HttpRequest): Verdict | Promise<Verdict> {
    const list: readonly (string | Need)[] =
      typeof needed === 'string' || !isList(needed) ? [needed] : needed;
    const permissions = list.map((need) => this.#permissionOf(need));
    const { authorizer, region, now, tagsOf } = this.#options;
    const denied = authorizer.authorize({ identity, http, region, nowMs: now(), permissions, tagsOf });
    if (!(denied instanceof Promise)) return this.#verdict(permissions, denied, identity);
    return denied.then((one) => this.#verdict(permissions, one, identity));
  }

  #permissionOf(need: string | Need): Permission {
    if (typeof need === 'string') return { action: this.#action, resource: need };
    return need.action === undefined ? { ...need, action: this.#action } : (need as Permission);
  }

  #verdict(permissions: readonly Permission[], denied: Denied | undefined, identity: Identity): Verdict {
    const decision = {
      actions: permissions.map(({ action }) => action),
      resources: permissions.map(({ resource }) => resource),
      isAllowed: denied === undefined,
    };
    return { decision, error: denied && denialError(denied, identity, this.#errorCodes()) };
  }
}

/** Of a user or of the account itself, as GetSessionToken makes them. */
function isOwnSession({ kind }: Identity): boolean {
  return kind === 'user' || kind === 'root';
}

const closed: AuthorizationRule = () => '*';

function isList(needed: Need | readonly (string | Need)[]): needed is readonly (string | Need)[] {
  return Array.isArray(needed);
}

const statuses: Readonly<Record<DenialFamily, number>> = { json: 400, 'rest-json': 403, query: 403, s3: 403 };

/** AWS's error for a call that is not allowed. */
function denialError(
  denied: Denied,
  identity: Identity,
  { accessDenied, denials }: ErrorCodes,
): ServiceError {
  const message =
    identity.kind === 'anonymous' && denials === 's3'
      ? 'Access Denied'
      : denialMessage(denied, identity, denials === 's3' ? '"' : '');
  return new ServiceError(accessDenied, message, statuses[denials]);
}

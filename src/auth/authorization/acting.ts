import { ServiceError } from '../../errors.ts';
import type { Identity } from '../identity.ts';
import { authLimits } from '../limits.ts';
import type { AuthorizedRequest, Authorizer } from './authorizer.ts';
import { type Denied, denialMessage, denialOfResource } from './denial-reason.ts';
import type { ConditionKeys, Permission } from './permission.ts';
import type { PolicySource } from './policy-source.ts';
import { RoleSession } from './role-session.ts';

/** A service that acts by itself. */
export interface ServiceActor {
  /** `sns.amazonaws.com` */
  readonly service: string;
  /** The resource that it acts for. */
  readonly sourceArn: string;
  /** What it gives as `sts:ExternalId` when it assumes a role. */
  readonly externalId?: string;
}

/** Who acts when no caller does: a service by the policy of what it acts on, or with a role that it assumes. */
export type Actor = ServiceActor & {
  /** ARN. */
  readonly role?: string;
  /** What the operator of the server declares without a role. */
  readonly isUnlimited?: boolean;
  /** Name of the role's session. */
  readonly session?: string;
};

interface ActingOptions {
  readonly policies: PolicySource;
  readonly resourcePolicies: { policyOf(arn: string): string | undefined };
  readonly authorizer: Authorizer;
  readonly tagsOf: AuthorizedRequest['tagsOf'];
  readonly region: string;
  readonly accountId: string;
  /** The machine's time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Learns what services do, and what they may not do. */
export interface ActingObserver {
  refused(actor: Actor, permission: Permission, reason: string): void;
  allowed(actor: Actor, permission: Permission): void;
}

/** An answer that holds until IAM or the resource's policy changes, and for a moment at most. */
interface Answer {
  readonly revision: number;
  readonly document: string | undefined;
  readonly madeMs: number;
  readonly refusal: string | undefined;
}

type MaybePromise<T> = T | Promise<T>;

/** Decides what services may do by themselves. */
export class Acting {
  /** With `--auth off` nothing limits services. */
  readonly isLimited: boolean;
  readonly #observer: ActingObserver | undefined;
  #options: ActingOptions | undefined;
  readonly #services = new Map<string, Identity>();
  readonly #sessions = new Map<string, RoleSession>();
  /** By who acts, what they do, and on what. */
  readonly #answers = new Map<string, Answer>();

  constructor({ isLimited, observer }: { readonly isLimited: boolean; readonly observer?: ActingObserver }) {
    this.isLimited = isLimited;
    this.#observer = observer;
  }

  /** Until then, nothing can be decided if services are limited. */
  join(options: ActingOptions): void {
    this.#options = options;
  }

  /**
   * Why the actor may not do it, in AWS's words; undefined if it may. Throws a ServiceError that is not final while the
   * server starts.
   */
  refusalOf(actor: Actor, permission: Permission): MaybePromise<string | undefined> {
    if (!this.isLimited || actor.isUnlimited === true) return undefined;
    if (this.#options === undefined) throw new ServiceError('ServiceUnavailable', 'The server starts.', 503);
    const { policies, resourcePolicies, now } = this.#options;
    const { action, resource, keys } = permission;
    if (keys !== undefined) return this.#decide(this.#options, actor, permission);
    const { service, sourceArn, role = '', session = '' } = actor;
    // Names of alarms have blanks, but no line ends; the resource, which may have both, comes last.
    const name = [service, sourceArn, role, session, action, resource].join('\n');
    // Taken first: what changes in the meantime makes the answer obsolete.
    const { revision } = policies;
    const document = resourcePolicies.policyOf(resource);
    const madeMs = now();
    const known = this.#answers.get(name);
    if (
      known?.revision === revision &&
      known.document === document &&
      Math.abs(madeMs - known.madeMs) < authLimits.actingAnswerMs
    ) {
      return known.refusal;
    }
    return this.#decide(this.#options, actor, permission).then((refusal) => {
      if (this.#answers.size >= authLimits.actingAnswersMax) this.#answers.clear();
      this.#answers.set(name, { revision, document, madeMs, refusal });
      return refusal;
    });
  }

  /** The same at work: the log and the metrics show refusals. */
  async refusalAtWork(actor: Actor, permission: Permission): Promise<string | undefined> {
    const refusal = await this.refusalOf(actor, permission);
    if (refusal === undefined) this.#observer?.allowed(actor, permission);
    else this.#observer?.refused(actor, permission, refusal);
    return refusal;
  }

  /** Throws ServiceError, a final one if the actor may not do it now. */
  async demand(actor: Actor, permission: Permission): Promise<void> {
    const refusal = await this.refusalAtWork(actor, permission);
    if (refusal !== undefined) throw new ServiceError('AccessDenied', refusal, 403);
  }

  async #decide(
    { accountId }: ActingOptions,
    actor: Actor,
    permission: Permission,
  ): Promise<string | undefined> {
    const { role } = actor;
    const keys = sourceKeys(actor, accountId, permission.keys);
    if (role === undefined) {
      const denied = await this.#denial(this.#service(actor), { ...permission, keys });
      return denied && denialOfResource(denied, actor.sourceArn);
    }
    if (!(await this.mayAssume(role, actor))) {
      return `${actor.service} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
    }
    const identity = await this.#session(role, actor);
    if (identity === undefined) return `The role ${role} does not exist.`;
    const denied = await this.#denial(identity, permission);
    return denied && denialMessage(denied, identity);
  }

  /** Whether a role exists whose trust policy lets the service assume it. */
  async mayAssume(role: string, actor: ServiceActor): Promise<boolean> {
    if (!this.isLimited) return true;
    if (this.#options === undefined) return false;
    const keys = sourceKeys(actor, this.#options.accountId, { 'sts:externalid': actor.externalId });
    const assuming = { action: 'sts:AssumeRole', resource: role, isTrusted: true, keys };
    return (await this.#denial(this.#service(actor), assuming)) === undefined;
  }

  async #denial(identity: Identity, permission: Permission): Promise<Denied | undefined> {
    if (this.#options === undefined) return undefined;
    const { authorizer, region, now, tagsOf } = this.#options;
    return await authorizer.authorize({
      identity,
      region,
      nowMs: now(),
      permissions: [permission],
      tagsOf,
    });
  }

  /** The same object each time: decisions are kept by identity. */
  #service({ service }: ServiceActor): Identity {
    const accountId = this.#options?.accountId ?? '';
    const identity = this.#services.get(service) ?? {
      kind: 'service',
      arn: service,
      userId: service,
      accountId,
      accessKeyId: undefined,
    };
    this.#services.set(service, identity);
    return identity;
  }

  async #session(roleArn: string, { service, session = service }: Actor): Promise<Identity | undefined> {
    const options = this.#options;
    if (options === undefined) return undefined;
    const { accountId, now, policies } = options;
    const name = `${roleArn} ${session}`;
    const kept = await this.#sessions.get(name)?.identity(policies);
    if (kept !== undefined) return kept;
    // Either there was none yet, or its role was deleted: another one may have its name now.
    if (this.#sessions.size >= authLimits.sessionsKeptMax) this.#sessions.clear();
    const made = new RoleSession({ roleArn, sessionName: session, accountId, issuedMs: now() });
    this.#sessions.set(name, made);
    return await made.identity(policies);
  }
}

/** The condition keys that tell services apart that act for different resources. */
function sourceKeys(
  { sourceArn }: ServiceActor,
  accountId: string,
  given: ConditionKeys = {},
): ConditionKeys {
  const ofSource: Readonly<Record<string, string>> = {
    'aws:sourcearn': sourceArn,
    'aws:sourceaccount': accountId,
    'aws:sourceowner': accountId,
  };
  return (key) => ofSource[key] ?? (typeof given === 'function' ? given(key) : given[key]);
}

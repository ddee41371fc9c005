import type { Identity } from '../identity.ts';
import { authLimits } from '../limits.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import { type ApplicablePolicies, evaluate } from '../policy/evaluate.ts';
import type { PolicyPrincipal } from '../policy/principal.ts';
import { CompiledPolicies } from './compiled-policies.ts';
import { type Denied, reasonOf, trustReasonOf } from './denial-reason.ts';
import type { Permission, ResourceTags } from './permission.ts';
import type { PoliciesOfPrincipal, PolicySource } from './policy-source.ts';
import { type RequestFacts, RequestKeys } from './request-keys.ts';

export interface AuthorizerOptions {
  readonly policies: PolicySource;
  readonly resourcePolicies: { policyOf(arn: string): string | undefined };
}

/** What a request wants to do. */
export interface AuthorizedRequest extends RequestFacts {
  /** It needs all of them. */
  readonly permissions: readonly Permission[];
  /** The tags of the resource of a permission, if it has some. */
  readonly tagsOf?: ((permission: Permission) => MaybePromise<ResourceTags | undefined>) | undefined;
}

type MaybePromise<T> = T | Promise<T>;

/** An identity with what applies to it until IAM changes. */
interface Known {
  readonly revision: number;
  readonly principal: PolicyPrincipal;
  readonly identity: readonly CompiledPolicy[];
  readonly boundary: readonly CompiledPolicy[] | undefined;
  readonly session: readonly CompiledPolicy[] | undefined;
  /** By action and resource: decisions that hold for all requests of the identity. */
  readonly decisions: Map<string, Map<string, KnownDecision>>;
}

interface KnownDecision {
  /** The resource's policy at that time. */
  readonly document: string | undefined;
  readonly denied: Denied | undefined;
}

/**
 * Decides whether a request is allowed, as AWS does: the account's root may do everything; a user or a session what its
 * policies or the resource's allow and none denies, within its permissions boundary and session policies; anonymous
 * callers what the resource's policy allows.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #compiled = new CompiledPolicies();
  readonly #known = new Map<Identity, Known>();
  #decisionsKept = 0;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Returns the first permission that the request lacks, and undefined if it is allowed. */
  authorize(request: AuthorizedRequest): MaybePromise<Denied | undefined> {
    const { identity } = request;
    if (identity.kind === 'root' || identity.isUnlimited === true) return undefined;
    const known = this.#known.get(identity);
    if (known !== undefined && known.revision === this.#options.policies.revision) {
      return this.#decideAll(known, request, 0);
    }
    return this.#learn(identity).then((learned) => this.#decideAll(learned, request, 0));
  }

  async #learn(identity: Identity): Promise<Known> {
    const { policies } = this.#options;
    // Taken first: what a change in the meantime has made obsolete is read again.
    const { revision } = policies;
    const found = await this.#policiesOf(identity);
    const { kind, accountId, arn, roleArn } = identity;
    const known: Known = {
      revision,
      principal: {
        kind: kind === 'user' || kind === 'assumed-role' || kind === 'service' ? kind : 'anonymous',
        accountId: kind === 'anonymous' || kind === 'service' ? '' : accountId,
        arn: kind === 'anonymous' ? '' : arn,
        ...(roleArn !== undefined && { roleArn }),
      },
      identity: found.documents.map((text) => this.#compiled.compile(text, 'identity')),
      boundary: found.boundary?.map((text) => this.#compiled.compile(text, 'identity')),
      session: (await this.#sessionPolicies(identity))?.map((text) =>
        this.#compiled.compile(text, 'identity'),
      ),
      decisions: new Map(),
    };
    if (this.#known.size >= authLimits.principalsKeptMax) this.#known.clear();
    this.#known.set(identity, known);
    return known;
  }

  /** A principal that does not exist any more has no policies: it may do nothing. */
  async #policiesOf({ kind, userId, roleArn }: Identity): Promise<PoliciesOfPrincipal> {
    const { policies } = this.#options;
    const none = { documents: [], boundary: undefined };
    if (kind === 'user') return (await policies.ofUser(userId)) ?? none;
    return (roleArn === undefined ? undefined : await policies.ofRole(roleArn)) ?? none;
  }

  /** Undefined for a session without any. A managed policy that does not exist any more allows nothing. */
  async #sessionPolicies({ session }: Identity): Promise<readonly string[] | undefined> {
    const { policy, policyArns = [] } = session ?? {};
    if (policy === undefined && policyArns.length === 0) return undefined;
    const documents = policy === undefined ? [] : [policy];
    for (const arn of policyArns) {
      const document = await this.#options.policies.managedPolicy(arn);
      if (document !== undefined) documents.push(document);
    }
    return documents;
  }

  #decideAll(known: Known, request: AuthorizedRequest, from: number): MaybePromise<Denied | undefined> {
    const { permissions } = request;
    for (let index = from; index < permissions.length; index++) {
      const permission = permissions[index];
      const denied = permission && this.#decide(known, request, permission);
      if (denied instanceof Promise) {
        return denied.then((one) => one ?? this.#decideAll(known, request, index + 1));
      }
      if (denied !== undefined) return denied;
    }
    return undefined;
  }

  #decide(
    known: Known,
    request: AuthorizedRequest,
    permission: Permission,
  ): MaybePromise<Denied | undefined> {
    const { action, resource } = permission;
    if (permission.isTrusted === true) return this.#decideTrust(known, request, permission);
    const document = resource === '*' ? undefined : this.#options.resourcePolicies.policyOf(resource);
    const decided = known.decisions.get(action)?.get(resource);
    if (decided !== undefined && decided.document === document) return decided.denied;
    const policies = this.#applicable(known, request, document);
    const keys = new RequestKeys(request, permission);
    const denied = decisionOf(known, permission, keys, policies);
    if (!keys.lacksTags) {
      if (!keys.isOfThisRequest) this.#keep(known, permission, { document, denied });
      return denied;
    }
    const decideWith = (found: ResourceTags | undefined): Denied | undefined =>
      decisionOf(known, permission, new RequestKeys(request, permission, { found }), policies);
    const tags = request.tagsOf?.(permission);
    return tags instanceof Promise ? tags.then(decideWith) : decideWith(tags);
  }

  #applicable(
    { identity, boundary, session }: Known,
    request: AuthorizedRequest,
    document: string | undefined,
  ): ApplicablePolicies {
    const resource = document === undefined ? undefined : this.#compiled.compile(document, 'resource');
    return { identity, boundary, session, resource, resourceAccountId: request.identity.accountId };
  }

  /** A role's trust policy must allow it: what the caller's own policies say is not enough. */
  async #decideTrust(
    known: Known,
    request: AuthorizedRequest,
    permission: Permission,
  ): Promise<Denied | undefined> {
    const { action, resource } = permission;
    const document = (await this.#options.policies.role(resource))?.trust;
    const context = new RequestKeys(request, permission, {
      found: await request.tagsOf?.(permission),
    });
    const trust = document === undefined ? undefined : this.#compiled.compile(document, 'trust');
    const policies = { ...this.#applicable(known, request, undefined), resource: trust };
    const evaluation = evaluate({ principal: known.principal, action, resource, context }, policies);
    if (evaluation.decision === 'allowed' && evaluation.allowedByResource) return undefined;
    return { permission, reason: trustReasonOf(evaluation, policies) };
  }

  #keep(known: Known, { action, resource }: Permission, decision: KnownDecision): void {
    if (this.#decisionsKept >= authLimits.decisionsKeptMax) {
      for (const { decisions } of this.#known.values()) decisions.clear();
      this.#decisionsKept = 0;
    }
    const ofAction = known.decisions.get(action);
    if (ofAction === undefined) known.decisions.set(action, new Map([[resource, decision]]));
    else ofAction.set(resource, decision);
    this.#decisionsKept++;
  }
}

function decisionOf(
  { principal }: Known,
  permission: Permission,
  context: RequestKeys,
  policies: ApplicablePolicies,
): Denied | undefined {
  const { action, resource } = permission;
  const evaluation = evaluate({ principal, action, resource, context }, policies);
  if (evaluation.decision === 'allowed') return undefined;
  const reason = reasonOf(evaluation, policies);
  const isImplicit = principal.kind === 'service' && reason.kind === 'implicit';
  // A service has no policies of its own.
  return { permission, reason: isImplicit ? { ...reason, policy: 'resource-based policy' } : reason };
}

import type { HttpRequest } from '../../http/message.ts';
import type { Identity } from '../identity.ts';
import { ComparisonSteps } from '../policy/comparison-steps.ts';
import { policyLimits } from '../policy/limits.ts';
import type { RequestContext } from '../policy/request-context.ts';
import type { Permission, ResourceTags } from './permission.ts';

/** What the condition keys of a request are taken from. */
export interface RequestFacts {
  readonly identity: Identity;
  /** Absent when a service acts. */
  readonly http?: HttpRequest;
  readonly region: string;
  readonly nowMs: number;
}

const ofResource = /^(?:aws:resourcetag|iam:resourcetag|s3:existingobjecttag)\/(.*)$/s;

/**
 * The condition keys of a request. Most decisions need none or few of them, so each is determined when it is read, and
 * what was read shows whether the decision holds for other requests of the same identity.
 */
export class RequestKeys implements RequestContext {
  readonly #facts: RequestFacts;
  readonly #permission: Permission;
  readonly #tags: ResourceTags | undefined;
  readonly #hasTags: boolean;
  readonly steps = new ComparisonSteps(policyLimits.decisionStepsMax);
  /** A value was read that other requests of the identity may not have. */
  isOfThisRequest = false;
  /** A tag of the resource was read, and its tags were not given. */
  lacksTags = false;

  /** `tags` are the resource's, if they were looked up. */
  constructor(
    facts: RequestFacts,
    permission: Permission,
    tags?: { readonly found: ResourceTags | undefined },
  ) {
    this.#facts = facts;
    this.#permission = permission;
    this.#tags = tags?.found;
    this.#hasTags = tags !== undefined;
  }

  get(key: string): readonly string[] | undefined {
    const { identity, region } = this.#facts;
    if (key === 'aws:requestedregion') return [region];
    const own = keyOfIdentity(key, identity);
    if (own !== undefined) return own.value === undefined ? undefined : [own.value];
    const ofSession = identity.session?.keys;
    if (ofSession !== undefined && Object.hasOwn(ofSession, key)) return ofSession[key];
    this.isOfThisRequest = true;
    const ofRequest = this.#keyOfRequest(key);
    if (ofRequest !== undefined) return [ofRequest];
    const [, tag] = ofResource.exec(key) ?? [];
    if (tag !== undefined) return this.#tagOfResource(tag);
    const keys = this.#permission.keys ?? {};
    const given = typeof keys === 'function' ? keys(key) : Object.hasOwn(keys, key) ? keys[key] : undefined;
    return typeof given === 'string' ? [given] : given;
  }

  #keyOfRequest(key: string): string | undefined {
    const { http, nowMs } = this.#facts;
    switch (key) {
      case 'aws:currenttime':
        return new Date(nowMs).toISOString();
      case 'aws:epochtime':
        return String(Math.floor(nowMs / 1000));
      default:
        return http && keyOfHttp(key, http);
    }
  }

  #tagOfResource(key: string): readonly string[] | undefined {
    if (!this.#hasTags) this.lacksTags = true;
    const value = tagOf(this.#tags, key);
    return value === undefined ? undefined : [value];
  }
}

function keyOfHttp(key: string, { peer, secure, headers }: HttpRequest): string | undefined {
  switch (key) {
    case 'aws:sourceip':
      return peer.address;
    case 'aws:securetransport':
      return String(secure);
    case 'aws:useragent':
      return headers['user-agent'];
    case 'aws:referer':
      return headers.referer;
    default:
      return undefined;
  }
}

/** Undefined for a key that is not about the identity; without a value, if the identity does not have it. */
function keyOfIdentity(key: string, identity: Identity): { readonly value: string | undefined } | undefined {
  const { kind, arn, roleArn, userId, userName, accountId, tags, session } = identity;
  const isService = kind === 'service';
  const isNobody = kind === 'anonymous' || isService;
  switch (key) {
    case 'aws:principalarn':
      return { value: isNobody ? undefined : (roleArn ?? arn) };
    case 'aws:principalaccount':
      return { value: isNobody ? undefined : accountId };
    case 'aws:resourceaccount':
      return { value: accountId };
    case 'aws:principaltype':
      return { value: typeOf(kind) };
    case 'aws:userid':
      return { value: kind === 'anonymous' ? 'anonymous' : isService ? undefined : userId };
    case 'aws:username':
      return { value: userName };
    case 'aws:tokenissuetime':
      return {
        value: session?.issuedMs === undefined ? undefined : new Date(session.issuedMs).toISOString(),
      };
    case 'aws:multifactorauthpresent':
      return { value: session === undefined ? undefined : 'false' };
    case 'aws:sourceidentity':
      return { value: session?.sourceIdentity };
    case 'aws:principalisawsservice':
      return { value: String(isService) };
    case 'aws:principalservicename':
    case 'aws:principalservicenameslist':
      return { value: isService ? arn : undefined };
    case 'lambda:sourcefunctionarn':
      return { value: identity.functionArn };
    case 'aws:viaawsservice':
      return { value: 'false' };
    default:
      return key.startsWith('aws:principaltag/')
        ? { value: tagOf(tags, key.slice('aws:principaltag/'.length)) }
        : undefined;
  }
}

function typeOf(kind: Identity['kind']): string {
  if (kind === 'user') return 'User';
  if (kind === 'assumed-role') return 'AssumedRole';
  if (kind === 'service') return 'Service';
  return kind === 'anonymous' ? 'Anonymous' : 'Account';
}

/** Names of tags ignore case in condition keys. */
function tagOf(tags: ResourceTags | undefined, key: string): string | undefined {
  if (tags === undefined) return undefined;
  for (const [name, value] of Object.entries(tags)) if (name.toLowerCase() === key) return value;
  return undefined;
}

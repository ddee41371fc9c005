import type { ServiceError } from '../errors.ts';
import type { ConditionKeys, ResourceTags } from '../auth/authorization/permission.ts';
import type { Identity } from '../auth/identity.ts';
import type { HttpRequest } from '../http/message.ts';

/** What the operations of a service need, as in AWS's service authorization reference. */
export interface Authorization {
  /** Of its actions: `kinesis`. */
  readonly prefix: string;
  readonly rules: Readonly<Record<string, AuthorizationRule>>;
  /** The tags of a resource, for conditions on them. */
  readonly tagsOf?: (resource: string) => ResourceTags | undefined | Promise<ResourceTags | undefined>;
  /** The error for an operation that temporary credentials of a user or of the account may not call. */
  readonly refuseUserSession?: (operation: string) => ServiceError | undefined;
  /** A resource's policy may allow everyone, also requests without a signature. */
  readonly servesAnonymous?: boolean;
}

/**
 * What one operation needs: from its decoded and validated input, before anything is read or done. A text is the
 * resource of the action of the operation's own name. An operation that needs nothing is allowed to every caller.
 * Throws ServiceError for an input that names no resource.
 */
export type AuthorizationRule = (input: never, caller: Caller) => Needed | Promise<Needed>;

export type Needed = string | Need | readonly (string | Need)[];

export interface Need {
  /** With its prefix; by default the one of the operation's own name. */
  readonly action?: string;
  readonly resource: string;
  readonly keys?: ConditionKeys | undefined;
  readonly isTrusted?: boolean;
}

export interface Caller {
  readonly region: string;
  readonly accountId: string;
  readonly identity: Identity;
  readonly http: HttpRequest;
}

/** One rule for several operations. */
export function rulesFor<Name extends string>(
  rule: AuthorizationRule,
  names: readonly Name[],
): Readonly<Record<Name, AuthorizationRule>> {
  // Every name gets the rule.
  return Object.fromEntries(names.map((name) => [name, rule])) as Record<Name, AuthorizationRule>;
}

/** A rule for operations that are not about a resource. */
export const onAll: AuthorizationRule = () => '*';

/** A rule for operations that every caller with a valid signature may call. */
export const openToAll: AuthorizationRule = () => [];

/** `iam:PassRole` for a role that a service is to act with; nothing without a role. */
export function passRole(role: string | undefined, service: string, resource?: string): Need[] {
  if (role === undefined) return [];
  const keys = { 'iam:passedtoservice': service, 'iam:associatedresourcearn': resource };
  return [{ action: 'iam:PassRole', resource: role, keys }];
}

type KeyTable = Readonly<Record<string, string | readonly string[] | undefined>>;

/** `aws:RequestTag/<key>` and `aws:TagKeys`. */
export function requestTags(tags: Readonly<Record<string, string | undefined>> | undefined): KeyTable {
  const entries = Object.entries(tags ?? {});
  if (entries.length === 0) return {};
  return {
    ...Object.fromEntries(
      entries.map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value ?? '']),
    ),
    'aws:tagkeys': entries.map(([key]) => key),
  };
}

/** The same for tags in a list. */
export function requestTagList(
  tags: readonly { readonly Key?: string; readonly Value?: string }[] | undefined,
): KeyTable {
  return requestTags(Object.fromEntries((tags ?? []).map(({ Key = '', Value }) => [Key, Value])));
}

/** What creating a resource needs: with tags, the action that adds them, too. */
export function creationOf(resource: string, tags: KeyTable, tagAction: string, keys: KeyTable = {}): Need[] {
  return [{ resource, keys: { ...keys, ...tags } }, ...addedTags(resource, tags, tagAction)];
}

export function addedTags(resource: string, tags: KeyTable, action: string): Need[] {
  return Object.keys(tags).length === 0 ? [] : [{ action, resource, keys: tags }];
}

export function tagKeys(keys: readonly string[] | undefined): KeyTable {
  return keys === undefined || keys.length === 0 ? {} : { 'aws:tagkeys': keys };
}

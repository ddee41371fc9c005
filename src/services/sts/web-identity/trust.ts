import { compilePolicy } from '../../../auth/policy/compiled-policy.ts';
import { evaluate } from '../../../auth/policy/evaluate.ts';
import { parsePolicy } from '../../../auth/policy/parse-policy.ts';
import { type RequestContext, requestContext } from '../../../auth/policy/request-context.ts';
import type { CallContext } from '../../../protocol/service.ts';
import type { KnownOidcProvider, KnownRole } from '../../iam/identities.ts';
import type { StsContext } from '../context.ts';
import type { WebIdentity } from './web-token.ts';

export interface WebIdentityRequest {
  readonly provider: KnownOidcProvider;
  readonly identity: WebIdentity;
  readonly sessionName: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly sourceIdentity: string | undefined;
}

/** Whether a role's trust policy lets the owner of a token assume it. */
export function isTrusted(
  { accountId, clock }: Pick<StsContext, 'accountId' | 'clock'>,
  role: KnownRole,
  request: WebIdentityRequest,
  { http }: Pick<CallContext, 'http'>,
): boolean {
  const { provider, tags } = request;
  const principal = { kind: 'federated', accountId: '', arn: provider.arn } as const;
  const policy = compilePolicy(parsePolicy(role.trust, 'trust'));
  const isAllowed = (action: string): boolean => {
    const context = trustContext(request, new Date(clock.now()), http);
    const { decision } = evaluate(
      { principal, action, resource: role.arn, context },
      { identity: [], resource: policy, resourceAccountId: accountId },
    );
    return decision === 'allowed';
  };
  const actions = ['sts:AssumeRoleWithWebIdentity'];
  if (tags.length > 0) actions.push('sts:TagSession');
  if (request.sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
  return actions.every(isAllowed);
}

function trustContext(
  { provider, identity, sessionName, tags, sourceIdentity }: WebIdentityRequest,
  now: Date,
  { secure, peer, headers }: CallContext['http'],
): RequestContext {
  const entries: [string, readonly string[]][] = [
    ...identityKeys(provider, identity),
    ['sts:RoleSessionName', [sessionName]],
    ['sts:SourceIdentity', sourceIdentity === undefined ? [] : [sourceIdentity]],
    ['aws:TagKeys', tags.map(({ Key }) => Key)],
    ['aws:SourceIp', [peer.address]],
    ['aws:SecureTransport', [String(secure)]],
    ['aws:UserAgent', textsOf(headers['user-agent'])],
    ['aws:CurrentTime', [now.toISOString()]],
    ['aws:EpochTime', [String(Math.floor(now.getTime() / 1000))]],
    ...tags.map(({ Key, Value }): [string, string[]] => [`aws:RequestTag/${Key}`, [Value]]),
  ];
  return requestContext(entries.filter(([, values]) => values.length > 0));
}

/** The condition keys of a web identity, which also hold for all requests of its session. */
function identityKeys(
  { issuer, arn }: KnownOidcProvider,
  { claims, subject, audience }: WebIdentity,
): [string, readonly string[]][] {
  return [
    [`${issuer}:sub`, [subject]],
    [`${issuer}:aud`, [audience]],
    [`${issuer}:amr`, textsOf(claims['amr'])],
    ['aws:FederatedProvider', [arn]],
  ];
}

/** Those that the session keeps, in lower case. */
export function sessionKeysOf(
  provider: KnownOidcProvider,
  identity: WebIdentity,
): Readonly<Record<string, readonly string[]>> {
  const present = identityKeys(provider, identity).filter(([, values]) => values.length > 0);
  return Object.fromEntries(present.map(([key, values]) => [key.toLowerCase(), values]));
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((one) => typeof one === 'string');
}

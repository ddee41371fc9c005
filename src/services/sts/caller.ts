import type { Session, SessionIdentity } from '../../auth/keys/session-tokens.ts';
import { formatArn } from '../../aws/arn.ts';
import type { CallContext } from '../../protocol/service.ts';
import type { StsReads } from './context.ts';

export interface Caller {
  readonly kind: 'root' | 'user' | 'session';
  readonly identity: SessionIdentity;
  /** Of a session. */
  readonly session?: Session | undefined;
}

/**
 * Who a request comes from, if its signature was verified. With `--auth off`, who it claims to come from: a session by
 * its token, a user by its access key, with any other key the account.
 */
export async function callerOf(
  { identities, tokens, accountId }: StsReads,
  { principal, http }: CallContext,
): Promise<Caller> {
  const accessKeyId = principal.scope?.accessKeyId ?? '';
  const token = tokenOf(http);
  const session = token === undefined ? undefined : tokens.read(token);
  if (session?.accessKeyId === accessKeyId) return { kind: 'session', identity: session.identity, session };
  const { kind, arn: verified, userId, roleArn } = principal.identity;
  if (kind === 'root' || kind === 'user') return { kind, identity: { arn: verified, userId } };
  // The key of a function.
  if (kind === 'assumed-role') return { kind: 'session', identity: { arn: verified, userId, roleArn } };
  const user = await identities.userWithKey(accessKeyId);
  if (user !== undefined) return { kind: 'user', identity: { arn: user.arn, userId: user.id } };
  const arn = formatArn('iam', { region: '', accountId }, 'root');
  return { kind: 'root', identity: { arn, userId: accountId } };
}

function tokenOf({ headers, query }: CallContext['http']): string | undefined {
  const header = headers['x-amz-security-token'];
  if (typeof header === 'string') return header;
  return new URLSearchParams(query).get('X-Amz-Security-Token') ?? undefined;
}

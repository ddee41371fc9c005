import type { SessionIdentity } from '../../auth/keys/session-tokens.ts';
import { formatArn } from '../../aws/arn.ts';
import type { KnownRole } from '../iam/identities.ts';
import type { StsContext } from './context.ts';

/** Who a session of a role is. */
export function roleSession(
  { accountId }: Pick<StsContext, 'accountId'>,
  role: KnownRole,
  sessionName: string,
): SessionIdentity {
  const resource = `assumed-role/${role.name}/${sessionName}`;
  return {
    arn: formatArn('sts', { region: '', accountId }, resource),
    userId: `${role.id}:${sessionName}`,
    roleArn: role.arn,
  };
}

import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { StsContext, StsReads } from '../context.ts';
import { assumeRole } from './assume-role.ts';
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts';
import { getAccessKeyInfo } from './get-access-key-info.ts';
import { getCallerIdentity } from './get-caller-identity.ts';
import { getSessionToken } from './get-session-token.ts';

type OperationName = keyof typeof api.operations;

/** What a machine answers that follows the owner of a shared log. */
export const reads = {
  GetAccessKeyInfo: getAccessKeyInfo,
  GetCallerIdentity: getCallerIdentity,
} satisfies Partial<OperationTable<StsReads, OperationName>>;

/** Operations of STS; the ones nagare does not have are in unsupported.json. */
export const operations = {
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  ...reads,
  GetSessionToken: getSessionToken,
} satisfies OperationTable<StsContext, OperationName>;

import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { StsContext } from '../context.ts';
import { assumeRole } from './assume-role.ts';
import { getAccessKeyInfo } from './get-access-key-info.ts';
import { getCallerIdentity } from './get-caller-identity.ts';
import { getSessionToken } from './get-session-token.ts';

type OperationName = keyof typeof api.operations;

/** Operations of STS; the ones nagare does not have are in unsupported.json. */
export const operations = {
  AssumeRole: assumeRole,
  GetAccessKeyInfo: getAccessKeyInfo,
  GetCallerIdentity: getCallerIdentity,
  GetSessionToken: getSessionToken,
} satisfies OperationTable<StsContext, OperationName>;

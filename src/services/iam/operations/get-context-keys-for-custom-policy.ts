import type {
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { contextKeys } from '../context-keys.ts';

/** Lists the context keys that the given policies read, in conditions and as variables. */
export function getContextKeysForCustomPolicy(
  _context: IamContext,
  input: Checked<GetContextKeysForCustomPolicyRequest>,
): Promise<GetContextKeysForPolicyResponse> {
  return Promise.resolve({ ContextKeyNames: contextKeys(input.PolicyInputList) });
}

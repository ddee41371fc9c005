import type {
  GetContextKeysForPolicyResponse,
  GetContextKeysForPrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { contextKeys } from '../context-keys.ts';
import { policySourceOf } from '../policy-sources.ts';

/** Lists the context keys that the policies of a user, group or role, and the given ones, read. */
export async function getContextKeysForPrincipalPolicy(
  context: IamContext,
  input: Checked<GetContextKeysForPrincipalPolicyRequest>,
): Promise<GetContextKeysForPolicyResponse> {
  const { PolicySourceArn, PolicyInputList = [] } = input;
  const { policies } = await policySourceOf(context, PolicySourceArn);
  const documents = [...policies.map(({ document }) => document), ...PolicyInputList];
  return { ContextKeyNames: contextKeys(documents) };
}

import type { CreatePolicyRequest, CreatePolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { checkManagedPolicy } from '../documents.ts';
import { newEntity } from '../entities.ts';
import { policyOutput } from '../managed-policies.ts';
import { arnOf } from '../outputs.ts';
import type { PolicyRow } from '../rows.ts';
import { withIamTags } from '../tags.ts';

/** Creates a managed policy with its first version. */
export function createPolicy(
  context: IamContext,
  input: Checked<CreatePolicyRequest>,
): Promise<CreatePolicyResponse> {
  const { store } = context;
  const { PolicyName, Path, PolicyDocument: document, Description: description, Tags = [] } = input;
  return store.change(async (writes) => {
    checkManagedPolicy(document);
    const entity = await newEntity(context, store.policies, PolicyName, Path);
    const { createdMs } = entity;
    const first = { versions: [{ number: 1, document, createdMs }], defaultVersion: 1, lastVersion: 1 };
    const tags = withIamTags({}, Tags);
    const row: PolicyRow = { ...entity, ...first, description, tags, updatedMs: createdMs };
    store.policies.insert(writes, row);
    const arn = arnOf(context, 'policy', row);
    return { Policy: await policyOutput(context, { ...row, arn }) };
  });
}

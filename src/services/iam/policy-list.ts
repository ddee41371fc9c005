import { awsManagedPolicies, isAwsManaged } from './aws-managed-policies.ts';
import type { IamContext } from './context.ts';
import type { ManagedPolicy } from './managed-policy.ts';
import { arnOf } from './outputs.ts';
import { keyOf } from './rows.ts';

const OWN = '1:';
const OF_AWS = '2:';

/** The key of a policy in the order of the list: the account's own ones come first. */
export function orderOf({ arn, name }: ManagedPolicy): string {
  return isAwsManaged(arn) ? `${OF_AWS}${name}` : `${OWN}${keyOf(name)}`;
}

export async function* policiesAfter(
  context: IamContext,
  scope: 'All' | 'AWS' | 'Local',
  after: string = OWN,
): AsyncGenerator<ManagedPolicy> {
  if (scope !== 'AWS' && after.startsWith(OWN)) {
    const name = after === OWN ? undefined : after.slice(OWN.length);
    for await (const row of context.store.policies.entries(name)) {
      yield { ...row, arn: arnOf(context, 'policy', row) };
    }
  }
  if (scope === 'Local') return;
  for (const policy of awsManagedPolicies.values()) {
    if (orderOf(policy) > after) yield policy;
  }
}

import { parseArn } from '../../aws/arn.ts';
import type { TagChange } from '../../aws/tagged-resources.ts';
import {
  type Authorization,
  type AuthorizationRule,
  type Need,
  onAll,
  requestTags,
  tagKeys,
} from '../../protocol/authorization.ts';
import type { CallContext } from '../../protocol/service.ts';
import type api from './api.json';

/** What the operations need (service authorization reference, Amazon Resource Group Tagging API). */
export const taggingAuthorization: Authorization = {
  prefix: 'tag',
  rules: {
    GetResources: onAll,
    GetTagKeys: onAll,
    GetTagValues: onAll,
    TagResources: onAll,
    UntagResources: onAll,
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>,
};

/** The services' own actions, to add and to remove tags, where they are not TagResource and UntagResource. */
const ownActions: Readonly<Record<string, readonly [add: string, remove: string]>> = {
  firehose: ['TagDeliveryStream', 'UntagDeliveryStream'],
  s3: ['PutBucketTagging', 'PutBucketTagging'],
  sqs: ['TagQueue', 'UntagQueue'],
};

/** Changing the tags of a resource needs the action of its service too, as on AWS. */
export function changeNeed(
  arn: string,
  { added, removed }: TagChange,
  { region, accountId }: Pick<CallContext, 'region' | 'accountId'>,
): Need {
  const { service = '', region: itsRegion, accountId: itsAccount } = parseArn(arn) ?? {};
  const [add, remove] = Object.hasOwn(ownActions, service) ? (ownActions[service] ?? []) : [];
  const isRemoval = removed.length > 0;
  const action = isRemoval ? (remove ?? 'UntagResource') : (add ?? 'TagResource');
  // Services find resources by name: an ARN of another place must not be the one that is allowed.
  const isHere =
    (itsRegion === '' || itsRegion === region) && (itsAccount === '' || itsAccount === accountId);
  return {
    action: `${service}:${action}`,
    resource: isHere ? arn : '*',
    keys: isRemoval ? tagKeys(removed) : requestTags(added),
  };
}

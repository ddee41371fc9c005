import { isDeepStrictEqual } from 'node:util';

const actions =
  'GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe ListSubscriptionsByTopic Publish';

/** The policy of every new topic on AWS: its owner may do everything. */
export function defaultPolicy({ arn, accountId }: { readonly arn: string; readonly accountId: string }) {
  return {
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: actions.split(' ').map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  };
}

/** Whether a policy equals the default one, whatever the order of its members and actions. */
export function isDefaultPolicy(
  text: string,
  topic: { readonly arn: string; readonly accountId: string },
): boolean {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    return false;
  }
  return isDeepStrictEqual(sorted(policy), sorted(defaultPolicy(topic)));
}

/** Arrays in a policy are sets. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => sorted(item)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sorted(member)]));
}

import { isDeepStrictEqual } from 'node:util';
import type { Statement } from '../../auth/policy/document.ts';
import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { parsePolicy } from '../../auth/policy/parse-policy.ts';
import { invalidParameter } from './errors.ts';
import { snsLimits } from './limits.ts';
import type { Topic, TopicAttributes } from './topic.ts';

type TopicName = Pick<Topic, 'arn' | 'accountId'>;

/** What the policy of every new topic lets its owner do. */
const ownerActions =
  'GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe ListSubscriptionsByTopic Publish'.split(
    ' ',
  );

/** The actions that a policy may have; wildcards are not among them. Receive is an older one without effect. */
const actions = new Set(
  [
    ...ownerActions,
    'GetDataProtectionPolicy',
    'ListTagsForResource',
    'PutDataProtectionPolicy',
    'Receive',
    'TagResource',
    'UntagResource',
  ].map((action) => action.toLowerCase()),
);

/** What is left when the last statement was removed. */
const withoutStatements = JSON.stringify({
  Version: '2008-10-17',
  Id: '__default_policy_ID',
  Statement: [],
});

/** The policy of every new topic on AWS: its owner may do everything. */
function defaultPolicy({ arn, accountId }: TopicName) {
  return {
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ownerActions.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  };
}

/** The topic's policy as GetTopicAttributes shows it. */
export function shownPolicy(topic: Pick<Topic, 'arn' | 'accountId' | 'attributes'>): string {
  return topic.attributes.Policy ?? JSON.stringify(defaultPolicy(topic));
}

/** The topic's policy; undefined if it has no statements. */
export function policyInForce(topic: Pick<Topic, 'arn' | 'accountId' | 'attributes'>): string | undefined {
  const policy = shownPolicy(topic);
  return policy === withoutStatements ? undefined : policy;
}

/** The topic's attributes with that policy. Throws InvalidParameter. */
export function withPolicy(attributes: TopicAttributes, text: string, topic: TopicName): TopicAttributes {
  checkPolicy(text, topic);
  const { Policy: _, ...rest } = attributes;
  return samePolicy(text, JSON.stringify(defaultPolicy(topic))) ? rest : { ...rest, Policy: text };
}

function checkPolicy(text: string, topic: TopicName): void {
  if (Buffer.byteLength(text) > snsLimits.policyBytesMax) {
    throw invalidParameter(`Policy Reason: the policy is larger than ${snsLimits.policyBytesMax} bytes`);
  }
  for (const statement of statementsOf(text)) checkStatement(statement, topic);
}

function statementsOf(text: string): readonly Statement[] {
  try {
    const { statements } = parsePolicy(text, 'resource');
    if (statements.length <= snsLimits.policyStatementsMax) return statements;
  } catch (error) {
    throw error instanceof MalformedPolicyError ? invalidParameter(`Policy Error: ${error.message}`) : error;
  }
  throw invalidParameter(
    `Policy Reason: the policy has more than ${snsLimits.policyStatementsMax} statements`,
  );
}

function checkStatement({ actions: selected, resources, principals }: Statement, { arn }: TopicName): void {
  for (const action of selected.patterns) checkAction(action);
  const [resource, ...others] = resources?.patterns ?? [];
  if (others.length > 0) throw invalidParameter('Policy statement must apply to a single resource!');
  if (resource !== '*' && resource !== arn) {
    throw invalidParameter(`Policy Error: the Resource ${resource} of a statement is not this topic`);
  }
  if ((principals?.patterns.length ?? 0) > snsLimits.policyPrincipalsMax) {
    throw invalidParameter(
      `Policy Reason: a statement has more than ${snsLimits.policyPrincipalsMax} principals`,
    );
  }
}

function checkAction(action: string): void {
  const [vendor, name = ''] = action.toLowerCase().split(':');
  if (vendor === 'sns' && actions.has(name)) return;
  throw invalidParameter('Policy statement action out of service scope!');
}

/** Whether two policies say the same, whatever the order of their members and actions. */
export function samePolicy(left: string, right: string): boolean {
  return isDeepStrictEqual(sorted(JSON.parse(left)), sorted(JSON.parse(right)));
}

/** Arrays in a policy are sets; a set of one may be written without an array. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => sorted(item));
    if (items.length === 1) return items[0];
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

/** What AddPermission adds. */
export interface TopicPermission {
  readonly label: string;
  readonly accountIds: readonly string[];
  readonly actionNames: readonly string[];
}

/** The topic with one more statement in its policy. Throws InvalidParameter. */
export function withPermission(topic: Topic, { label, accountIds, actionNames }: TopicPermission): Topic {
  const document = documentOf(shownPolicy(topic));
  if (document.Statement.some(({ Sid }) => Sid === label)) throw invalidParameter('Statement already exists');
  for (const name of actionNames) checkAction(`SNS:${name}`);
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accountIds.map((id) => `arn:aws:iam::${id}:root`)) },
    Action: oneOrAll(actionNames.map((name) => `SNS:${name}`)),
    Resource: topic.arn,
  };
  const policy = JSON.stringify({ ...document, Statement: [...document.Statement, statement] });
  return { ...topic, attributes: withPolicy(topic.attributes, policy, topic) };
}

/** The topic without the statement of that label, if its policy has one. */
export function withoutPermission(topic: Topic, label: string): Topic {
  const document = documentOf(shownPolicy(topic));
  const Statement = document.Statement.filter(({ Sid }) => Sid !== label);
  const attributes =
    Statement.length === 0
      ? { ...topic.attributes, Policy: withoutStatements }
      : withPolicy(topic.attributes, JSON.stringify({ ...document, Statement }), topic);
  return { ...topic, attributes };
}

interface RawDocument {
  readonly Statement: readonly { readonly Sid?: string }[];
}

/** Of a policy that was checked when it was stored. */
function documentOf(policy: string): RawDocument {
  const document = JSON.parse(policy) as { readonly Statement: unknown };
  const { Statement } = document;
  // Its statements are objects, or it is a single one.
  return {
    ...document,
    Statement: (Array.isArray(Statement) ? Statement : [Statement]) as RawDocument['Statement'],
  };
}

function oneOrAll(values: readonly string[]): string | readonly string[] {
  const [value = '', ...others] = values;
  return others.length === 0 ? value : values;
}

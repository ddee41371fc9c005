import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { parsePolicy as parseDocument } from '../../auth/policy/parse-policy.ts';
import { invalidAttribute, invalidValue, overLimit } from './errors.ts';
import { sqsLimits } from './limits.ts';

interface Statement {
  readonly Sid?: string;
  readonly [member: string]: unknown;
}

interface PolicyText {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly Statement[];
}

/** Actions that AddPermission can allow (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html). */
const ACTIONS = [
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
];

/** Throws InvalidAttributeValue for a text that is no policy of a resource. */
export function parsePolicy(text: string): void {
  try {
    parseDocument(text, 'resource');
  } catch (error) {
    if (error instanceof MalformedPolicyError) throw invalidAttribute('Policy');
    throw error;
  }
}

interface Permission {
  readonly label: string;
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

/** A queue's policy with another statement. Throws InvalidParameterValue, OverLimit. */
export function withPermission(text: string | undefined, arn: string, permission: Permission): string {
  const { label, accounts, actions } = permission;
  const policy = policyOf(text, arn);
  if (policy.Statement.some(({ Sid }) => Sid === label)) {
    throw invalidValue(label, 'Label', 'Already exists.');
  }
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(label)) {
    throw invalidValue(
      label,
      'Label',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  for (const action of actions) {
    if (!ACTIONS.includes(action)) {
      throw invalidValue(
        `SQS:${action}`,
        'ActionName',
        'Only the queue owner is allowed to invoke this action.',
      );
    }
  }
  for (const account of accounts) {
    if (!/^\d{12}$/.test(account)) throw invalidValue(`[${account}]`, 'PrincipalId', 'Unable to verify.');
  }
  if (actions.length > sqsLimits.permissionActionsMax) {
    throw overLimit(
      `${actions.length} Actions were found, maximum allowed is ${sqsLimits.permissionActionsMax}.`,
    );
  }
  if (policy.Statement.length >= sqsLimits.permissionsMax) {
    throw overLimit(`The policy has ${sqsLimits.permissionsMax} statements, which is the maximum.`);
  }
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrList(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrList(actions.map((action) => `SQS:${action}`)),
    Resource: arn,
  };
  return JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
}

/** A queue's policy without a statement; undefined when none remains. Throws InvalidParameterValue. */
export function withoutPermission(text: string | undefined, arn: string, label: string): string | undefined {
  const policy = policyOf(text, arn);
  const left = policy.Statement.filter(({ Sid }) => Sid !== label);
  if (left.length === policy.Statement.length) throw invalidValue(label, 'Label', "can't find label.");
  return left.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: left });
}

function policyOf(text: string | undefined, arn: string): PolicyText {
  if (text === undefined) return { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] };
  // It was checked when it was set.
  const policy = JSON.parse(text) as Omit<PolicyText, 'Statement'> & { readonly Statement: unknown };
  const statements: unknown[] = [policy.Statement].flat();
  return { ...policy, Statement: statements as Statement[] };
}

function oneOrList(values: readonly string[]): string | readonly string[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}

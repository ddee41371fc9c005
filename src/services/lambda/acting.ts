import type { Actor } from '../../auth/authorization/acting.ts';
import { queueNotPermitted, streamNotPermitted } from './errors.ts';
import type { Permission } from '../../auth/authorization/permission.ts';
import type { ServiceError } from '../../errors.ts';
import type { FunctionInfo, Functions } from './functions.ts';

export const SERVICE = 'lambda.amazonaws.com';

/** Whose role acts. */
export type RoleOf = Pick<FunctionInfo, 'name' | 'arn' | 'roleArn' | 'isUnlimited'>;

/** Lambda, with the role of a function. */
export function actorFor({ name, arn, roleArn, isUnlimited = false }: RoleOf): Actor {
  return { service: SERVICE, sourceArn: arn, session: name, role: roleArn, isUnlimited };
}

/** The same for a function by its name or ARN; undefined without it. */
export function actorOfFunction(
  functions: Pick<Functions, 'describe'>,
  name: string,
  qualifier?: string,
): Actor | undefined {
  const found = functions.describe(qualifier === undefined ? name : `${name}:${qualifier}`);
  return found && actorFor(found);
}

/** What invoking a function needs, on the ARN that policies know: it may be written in several ways. */
export function invocationOf(functions: Pick<Functions, 'describe'>, arn: string): Permission {
  return { action: 'lambda:InvokeFunction', resource: functions.describe(arn)?.qualifiedArn ?? arn };
}

/** For a function that is gone, and whose role is not known any more: nothing is allowed. */
export const withoutRole: Actor = { service: SERVICE, sourceArn: '', role: '' };

/** What Lambda does with a source of events, by its service. A consumer's ARN is the one of its stream, continued. */
export const sourceActions = {
  stream: ['kinesis:DescribeStream', 'kinesis:GetShardIterator', 'kinesis:GetRecords'],
  consumer: ['kinesis:SubscribeToShard'],
  queue: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
} as const;

export function kindOfSource(sourceArn: string): keyof typeof sourceActions {
  if (sourceArn.startsWith('arn:aws:sqs:')) return 'queue';
  return sourceArn.includes('/consumer/') ? 'consumer' : 'stream';
}

/** The error for an action on a source that the function's role may not do. */
export function sourceNotPermitted(sourceArn: string, action: string): ServiceError {
  return kindOfSource(sourceArn) === 'queue'
    ? queueNotPermitted(nameOf(action))
    : streamNotPermitted(sourceArn);
}

/** `SendMessage` of `sqs:SendMessage`. */
export function nameOf(action: string): string {
  return action.slice(action.indexOf(':') + 1);
}

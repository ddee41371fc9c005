import { parseArn } from '../../aws/arn.ts';
import { invalidAttribute, invalidValue } from './errors.ts';
import { sqsLimits } from './limits.ts';

/** Where messages of a queue go that were received too often. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Which queues may use a queue as their dead-letter queue. */
export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns: readonly string[];
}

/** Throws InvalidParameterValue with AWS's words. */
export function parseRedrivePolicy(text: string): RedrivePolicy {
  const invalid = (reason: string): Error => invalidValue(text, 'RedrivePolicy', reason);
  const policy = parseMap(text);
  if (policy === undefined) throw invalid('Redrive policy is not a valid JSON map.');
  const { deadLetterTargetArn, maxReceiveCount, ...rest } = policy;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw invalid('Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].');
  for (const [name, value] of Object.entries({ maxReceiveCount, deadLetterTargetArn })) {
    if (value === undefined) throw invalid(`Redrive policy does not contain mandatory attribute: ${name}.`);
  }
  if (typeof deadLetterTargetArn !== 'string' || nameInArn(deadLetterTargetArn) === undefined)
    throw invalid('Invalid value for deadLetterTargetArn.');
  // Tools write it as a number or as a text.
  const count = typeof maxReceiveCount === 'string' ? Number(maxReceiveCount || 'none') : maxReceiveCount;
  const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 1;
  if (!isCount || count > sqsLimits.receiveCountMax) {
    throw invalid(
      `Invalid value for maxReceiveCount: ${String(maxReceiveCount)}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** Throws InvalidAttributeValue. */
export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const policy = parseMap(text);
  const { redrivePermission: permission, sourceQueueArns: arns } = policy ?? {};
  const isKnown = permission === 'allowAll' || permission === 'denyAll' || permission === 'byQueue';
  if (!isKnown) throw invalidAttribute('RedriveAllowPolicy');
  if (permission !== 'byQueue') {
    if (arns !== undefined) throw invalidAttribute('RedriveAllowPolicy');
    return { redrivePermission: permission, sourceQueueArns: [] };
  }
  const isList = Array.isArray(arns) && arns.length > 0 && arns.length <= sqsLimits.allowedSourcesMax;
  if (!isList || !arns.every((arn) => typeof arn === 'string' && nameInArn(arn) !== undefined))
    throw invalidAttribute('RedriveAllowPolicy');
  return { redrivePermission: permission, sourceQueueArns: arns as string[] };
}

/** The name of the queue with this ARN; undefined for an ARN of something else. */
export function nameInArn(arn: string): string | undefined {
  const { service, region, accountId, resource = '' } = parseArn(arn) ?? {};
  const isQueue = service === 'sqs' && region !== '' && /^\d{12}$/.test(accountId ?? '');
  return isQueue && /^[A-Za-z0-9_-]{1,80}(\.fifo)?$/.test(resource) ? resource : undefined;
}

function parseMap(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

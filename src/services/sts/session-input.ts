import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import type { Session } from '../../auth/keys/session-tokens.ts';
import { parsePolicy } from '../../auth/policy/parse-policy.ts';
import type { Tags } from '../../aws/tags.ts';
import type { Checked } from '../../protocol/service.ts';
import type { StsContext } from './context.ts';
import { orMalformed, packedPolicyTooLarge, validationError } from './errors.ts';
import { stsLimits } from './limits.ts';

type SessionPolicies = Pick<Session, 'policy' | 'policyArns'>;

/** Throws MalformedPolicyDocument, PackedPolicyTooLarge or ValidationError. */
export async function sessionPolicies(
  { identities }: StsContext,
  { Policy: policy, PolicyArns = [] }: Pick<Checked<AssumeRoleRequest>, 'Policy' | 'PolicyArns'>,
): Promise<SessionPolicies> {
  const max = stsLimits.sessionPolicyArnsMax;
  if (PolicyArns.length > max) {
    throw validationError(
      `The requested policy has ${PolicyArns.length} managed policies; at most ${max} are allowed.`,
    );
  }
  if (policy !== undefined) {
    orMalformed(() => parsePolicy(policy, 'identity'));
    if (policy.length > stsLimits.sessionPolicyCharactersMax) {
      throw packedPolicyTooLarge(
        `The session policy has ${policy.length} characters; at most ${stsLimits.sessionPolicyCharactersMax} are allowed.`,
      );
    }
  }
  const policyArns: string[] = [];
  for (const { arn } of PolicyArns) {
    if (arn === undefined || !(await identities.hasPolicy(arn))) {
      throw validationError(`Policy ${arn ?? ''} does not exist.`);
    }
    policyArns.push(arn);
  }
  return { policy, policyArns: policyArns.length === 0 ? undefined : policyArns };
}

/** The tags of a session: its own, and the transitive ones of the session that makes it. Throws ValidationError. */
export function sessionTags(
  { Tags: list = [], TransitiveTagKeys = [] }: Pick<Checked<AssumeRoleRequest>, 'Tags' | 'TransitiveTagKeys'>,
  parent: Session | undefined,
): Pick<Session, 'tags' | 'transitiveTagKeys'> {
  const tags = new Map<string, string>();
  const keys = new Set<string>();
  for (const { Key, Value } of list) {
    if (keys.has(Key.toLowerCase())) {
      throw validationError('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    }
    if (/^aws:/i.test(Key)) throw validationError('Tag keys must not begin with aws:');
    keys.add(Key.toLowerCase());
    tags.set(Key, Value);
  }
  const missing = TransitiveTagKeys.find((key) => !keys.has(key.toLowerCase()));
  if (missing !== undefined) {
    throw validationError(
      `The specified transitive tag key ${missing} must be included in the requested tags.`,
    );
  }
  const inherited = inheritedTags(parent);
  for (const [key, value] of Object.entries(inherited)) {
    if (keys.has(key.toLowerCase())) {
      throw validationError('One of the specified transitive tag keys conflicts with a session tag.');
    }
    tags.set(key, value);
  }
  if (tags.size > stsLimits.sessionTagsMax) {
    throw validationError(`A session can have at most ${stsLimits.sessionTagsMax} tags.`);
  }
  if (tags.size === 0) return {};
  return {
    tags: Object.fromEntries(tags),
    transitiveTagKeys: [...TransitiveTagKeys, ...Object.keys(inherited)],
  };
}

function inheritedTags(parent: Session | undefined): Tags {
  const { tags = {}, transitiveTagKeys = [] } = parent ?? {};
  const transitive = new Set(transitiveTagKeys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => transitive.has(key.toLowerCase())));
}

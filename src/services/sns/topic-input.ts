import type { CreateTopicInput } from '@aws-sdk/client-sns';
import { formatArn } from '../../aws/arn.ts';
import { type Tags, type TagRules, tagsOf, withTags } from '../../aws/tags.ts';
import { awsLimits } from '../../aws/limits.ts';
import type { Checked } from '../../protocol/service.ts';
import { withTopicAttribute } from './topic-attributes-input.ts';
import { invalidParameter, notSupported, tagLimitExceeded } from './errors.ts';
import { samePolicy, shownPolicy } from './topic-policy.ts';
import type { Topic, TopicAttributes } from './topic.ts';

const tagRules: TagRules = {
  max: awsLimits.tagsMax,
  // As recorded on AWS.
  duplicateKey: () => invalidParameter('Duplicated keys are not allowed.'),
  reservedKey: (key) =>
    invalidParameter(`Tags Reason: the key ${key} is reserved: keys must not begin with aws:`),
  invalidCharacters: () =>
    invalidParameter('Tags Reason: a key or value has characters that are not allowed'),
  tooMany: tagLimitExceeded,
};

/** The new topic that a CreateTopic request describes. */
export function parseTopic(input: Checked<CreateTopicInput>, region: string, accountId: string): Topic {
  const { Name: name } = input;
  if (input.DataProtectionPolicy !== undefined) throw notSupported('DataProtectionPolicy', 'data protection');
  const { FifoTopic = 'false', ...given } = input.Attributes ?? {};
  // Terraform and others send `false` for standard topics.
  if (FifoTopic !== 'false') throw notSupported('FifoTopic', 'FIFO topics');
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
  const arn = formatArn('sns', { region, accountId }, name);
  let attributes: TopicAttributes = {};
  for (const [attribute, value] of Object.entries(given)) {
    attributes = withTopicAttribute(attributes, attribute, value, { arn, accountId });
  }
  return {
    arn,
    name,
    region,
    accountId,
    attributes,
    tags: withTopicTags({}, input.Tags ?? []),
    subscriptionsDeleted: 0,
  };
}

/** Throws InvalidParameter, TagLimitExceeded. */
export function withTopicTags(
  present: Tags,
  added: readonly { readonly Key: string; readonly Value: string }[],
): Tags {
  return withTags(present, tagsOf(added, tagRules), tagRules);
}

/** Checks that the input of CreateTopic equals the existing topic. */
export function sameTopic(present: Topic, wanted: Topic): void {
  const { Policy: policy, ...attributes } = wanted.attributes;
  const isOtherPolicy = policy !== undefined && !samePolicy(policy, shownPolicy(present));
  if (isOtherPolicy || differs({ ...present.attributes }, { ...attributes })) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  if (differs(present.tags, wanted.tags)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
}

/** Whether any value in `theirs` differs from `ours`. */
function differs(ours: Readonly<Record<string, string>>, theirs: Readonly<Record<string, string>>): boolean {
  return Object.entries(theirs).some(([name, value]) => ours[name] !== value);
}

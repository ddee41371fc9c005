import type { CreateTopicInput } from '@aws-sdk/client-sns';
import type { Checked } from '../../protocol/service.ts';
import { withTopicAttribute } from './attributes-input.ts';
import { invalidParameter, notSupported, tagLimitExceeded } from './errors.ts';
import type { Topic, TopicAttributes } from './topic.ts';

const TAGS_MAX = 50;

/** A new topic as CreateTopic asks for it. */
export function parseTopic(input: Checked<CreateTopicInput>, region: string, accountId: string): Topic {
  const { Name: name } = input;
  if (input.DataProtectionPolicy !== undefined) throw notSupported('DataProtectionPolicy', 'data protection');
  let attributes: TopicAttributes = {};
  for (const [attribute, value] of Object.entries(input.Attributes ?? {})) {
    attributes = withTopicAttribute(attributes, attribute, value);
  }
  if (/^[A-Za-z0-9_-]{1,251}\.fifo$/.test(name)) throw notSupported('Topic Name', 'FIFO topics');
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
  return {
    arn: `arn:aws:sns:${region}:${accountId}:${name}`,
    name,
    region,
    accountId,
    attributes,
    tags: withTags({}, input.Tags ?? []),
    subscriptionsDeleted: 0,
  };
}

export function withTags(
  tags: Topic['tags'],
  added: readonly { readonly Key: string; readonly Value: string }[],
): Topic['tags'] {
  const result = { ...tags, ...Object.fromEntries(added.map(({ Key, Value }) => [Key, Value])) };
  if (Object.keys(result).length > TAGS_MAX) throw tagLimitExceeded();
  return result;
}

/** What CreateTopic is given for a topic that is there must be what it has. */
export function sameTopic(present: Topic, wanted: Topic): void {
  if (differs({ ...present.attributes }, { ...wanted.attributes })) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  if (differs(present.tags, wanted.tags)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
}

/** Whether what is asked for is not what is there. */
function differs(ours: Readonly<Record<string, string>>, theirs: Readonly<Record<string, string>>): boolean {
  return Object.entries(theirs).some(([name, value]) => ours[name] !== value);
}

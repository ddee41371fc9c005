import { formatArn, type RegionAndAccount } from '../../aws/arn.ts';
import {
  type Authorization,
  type AuthorizationRule,
  creationOf,
  onAll,
  requestTagList,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';
import type { Topics } from './topics.ts';

interface TopicInput {
  readonly TopicArn: string;
}

interface SubscriptionInput {
  readonly SubscriptionArn: string;
}

interface ResourceInput {
  readonly ResourceArn: string;
}

type TagList = readonly { readonly Key: string; readonly Value: string }[];

const onTopic: AuthorizationRule = ({ TopicArn }: TopicInput) => TopicArn;
const onResource: AuthorizationRule = ({ ResourceArn }: ResourceInput) => ResourceArn;
const onSubscription: AuthorizationRule = ({ SubscriptionArn }: SubscriptionInput) =>
  SubscriptionArn.split(':').slice(0, 6).join(':');

/**
 * What the operations of SNS need (service authorization reference, Amazon SNS). Topics are found by exactly their ARN.
 * An operation on a subscription is about its topic.
 */
export function snsAuthorization(place: RegionAndAccount, topics: Topics): Authorization {
  const rules = {
    AddPermission: onTopic,
    ConfirmSubscription: onTopic,
    CreateTopic: ({ Name, Tags }: { readonly Name: string; readonly Tags?: TagList }) =>
      creationOf(formatArn('sns', place, Name), requestTagList(Tags), 'sns:TagResource'),
    DeleteTopic: onTopic,
    GetDataProtectionPolicy: onResource,
    GetDeliveryAttempts: ({ TopicArn }: TopicInput) => ({
      action: 'sns:ListSubscriptionsByTopic',
      resource: TopicArn,
    }),
    GetSubscriptionAttributes: onSubscription,
    GetTopicAttributes: onTopic,
    ListSubscriptions: onAll,
    ListSubscriptionsByTopic: onTopic,
    ListTagsForResource: onResource,
    ListTopics: onAll,
    Publish: ({ TopicArn, TargetArn }: Partial<TopicInput> & { readonly TargetArn?: string }) =>
      TopicArn ?? TargetArn ?? '*',
    PublishBatch: ({ TopicArn }: TopicInput) => ({ action: 'sns:Publish', resource: TopicArn }),
    RemovePermission: onTopic,
    SetSubscriptionAttributes: onSubscription,
    SetTopicAttributes: onTopic,
    Subscribe: (input: TopicInput & { readonly Protocol: string; readonly Endpoint?: string }) => ({
      resource: input.TopicArn,
      keys: { 'sns:protocol': input.Protocol, 'sns:endpoint': input.Endpoint },
    }),
    TagResource: ({ ResourceArn, Tags }: ResourceInput & { readonly Tags: TagList }) => ({
      resource: ResourceArn,
      keys: requestTagList(Tags),
    }),
    Unsubscribe: onSubscription,
    UntagResource: ({ ResourceArn, TagKeys }: ResourceInput & { readonly TagKeys: readonly string[] }) => ({
      resource: ResourceArn,
      keys: tagKeys(TagKeys),
    }),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return { prefix: 'sns', rules, tagsOf: (arn) => topics.get(arn)?.tags, servesAnonymous: true };
}

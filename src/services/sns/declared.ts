import { isDeepStrictEqual } from 'node:util';
import type { CreateTopicInput } from '@aws-sdk/client-sns';
import { section } from '../../config/declarations.ts';
import {
  described,
  fields,
  listOf,
  oneOf,
  optional,
  required,
  text,
  type ValueOf,
  variable,
  withDefault,
  yesOrNo,
} from '../../config/yaml-reader.ts';
import { jsonDocument, sameJson } from '../../declarations/json-document.ts';
import { declaredName, declaredTags, ModelInput } from '../../declarations/model-reader.ts';
import { policyReader } from '../../declarations/policy-reader.ts';
import { type Declarer, differences, type PlanStep, type Resource } from '../../declarations/plan.ts';
import type { Checked } from '../../protocol/service.ts';
import { parseSubscriptionAttributes, shownAttributes } from './attributes-input.ts';
import api from './api.json' with { type: 'json' };
import { describeTopics } from './description.ts';
import { parseEndpoint, parseProtocol, protocols } from './protocols/index.ts';
import type { Publisher } from './publisher.ts';
import {
  type Protocol,
  protocolNames,
  type Subscription,
  type SubscriptionAttributes,
  type Topic,
} from './topic.ts';
import { parseTopic } from './topic-input.ts';
import { withTopicAttribute } from './topic-attributes-input.ts';
import { samePolicy, shownPolicy } from './topic-policy.ts';
import type { Topics } from './topics.ts';

const subscription = fields({
  protocol: required(described('Delivery protocol', oneOf(...protocolNames))),
  endpoint: required(
    described("A URL or, for lambda and sqs, the function's or queue's name or ARN", text()),
  ),
  rawMessageDelivery: optional(described('Deliver the message alone, without its envelope', yesOrNo)),
  filterPolicy: optional(described('Which messages it gets: a filter policy, or its JSON', jsonDocument)),
  filterPolicyScope: optional(
    described('What the filter policy looks at', oneOf('MessageAttributes', 'MessageBody')),
  ),
  deliveryPolicy: optional(
    described('Retries of http and https: a delivery policy, or its JSON', jsonDocument),
  ),
  deadLetterQueue: optional(
    described('Name or ARN of the queue for messages that cannot be delivered', text()),
  ),
});

const topic = new ModelInput<Checked<CreateTopicInput>>(api, 'CreateTopicInput').reader({
  members: [],
  own: {
    displayName: optional(described('Name in notifications by e-mail: stored and shown', text())),
    signatureVersion: optional(described('1 or 2: SHA1 or SHA256 signatures of messages', variable)),
    deliveryPolicy: optional(
      described('Retries of http and https: a delivery policy, or its JSON', jsonDocument),
    ),
    tracingConfig: optional(described('Stored and shown', oneOf('PassThrough'))),
    policy: optional(policyReader),
    tags: optional(declaredTags),
    subscriptions: withDefault(described('Endpoints that receive the messages', listOf(subscription)), []),
  },
});

export const topicsSection = section('topics', topic);

type DeclaredTopic = ValueOf<typeof topic>['own'];
type DeclaredSubscription = ValueOf<typeof subscription>;

interface TopicDeclarerDependencies {
  readonly topics: Topics;
  readonly publisher: Publisher;
  readonly region: string;
  readonly accountId: string;
}

/**
 * Declares the topics of `nagare.yaml` with their subscriptions. An http endpoint that has not confirmed gets another
 * confirmation request.
 */
export function topicDeclarer(dependencies: TopicDeclarerDependencies): Declarer {
  return {
    plan: (declarations) =>
      declarations.entries(topicsSection).flatMap(({ name, path, value }) => [
        { resource: ['topics', name], path, check: () => planTopic(dependencies, name, value.own) },
        ...value.own.subscriptions.map((declared, index) => ({
          resource: ['topics', name, 'subscriptions', declared.protocol, declared.endpoint],
          path: `${path}.subscriptions.${index}`,
          check: () => planSubscription(dependencies, name, declared),
        })),
      ]),
    describe: () => describeTopics(dependencies.topics),
    find: (resource) => find(dependencies, resource),
  };
}

/** A topic keeps its own attributes and tags where none are declared. */
function planTopic(
  { topics, region, accountId }: TopicDeclarerDependencies,
  name: string,
  declared: DeclaredTopic,
): PlanStep {
  const { tags } = declared;
  const given = topicAttributes(declared);
  const wanted = parseTopic({ Name: name, Attributes: given, Tags: tags ?? [] }, region, accountId);
  const present = topics.get(wanted.arn);
  if (present === undefined) return { action: 'create', apply: () => topics.create(wanted, () => {}) };
  const change = (before: Topic): Topic => ({
    ...before,
    tags: tags === undefined ? before.tags : wanted.tags,
    attributes: Object.entries(given).reduce(
      (attributes, [attribute, value]) => withTopicAttribute(attributes, attribute, value, before),
      before.attributes,
    ),
  });
  const after = change(present);
  const shown = (policy: string | undefined) => policy ?? shownPolicy({ ...present, attributes: {} });
  const isSamePolicy = (one: string | undefined, other: string | undefined) =>
    samePolicy(shown(one), shown(other));
  const details = differences({
    ...changedAttributes({ ...present.attributes }, { ...after.attributes }, isSamePolicy),
    ...(!isDeepStrictEqual(present.tags, after.tags) && { tags: [present.tags, after.tags] as const }),
  });
  if (details === '') return { action: 'leave', apply: () => Promise.resolve() };
  return { action: 'change', details, apply: () => topics.updateTopic(wanted.arn, change) };
}

/** By AWS's names. */
function topicAttributes(declared: DeclaredTopic): Record<string, string> {
  const { displayName, signatureVersion, deliveryPolicy, tracingConfig, policy } = declared;
  return {
    ...(displayName !== undefined && { DisplayName: displayName }),
    ...(signatureVersion !== undefined && { SignatureVersion: signatureVersion }),
    ...(deliveryPolicy !== undefined && { DeliveryPolicy: deliveryPolicy }),
    ...(tracingConfig !== undefined && { TracingConfig: tracingConfig }),
    ...(policy !== undefined && { Policy: policy }),
  };
}

/** By the names of declarations. */
function changedAttributes(
  before: Readonly<Record<string, string | undefined>>,
  after: Readonly<Record<string, string | undefined>>,
  isSamePolicy: (before: string | undefined, after: string | undefined) => boolean,
): Record<string, readonly [string | undefined, string | undefined]> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const pair = [before[name], after[name]] as const;
      const isSame = name === 'Policy' ? isSamePolicy(...pair) : sameJson(...pair);
      return isSame ? [] : [[declaredName(name), pair] as const];
    }),
  );
}

function planSubscription(
  dependencies: TopicDeclarerDependencies,
  topicName: string,
  declared: DeclaredSubscription,
): PlanStep {
  const { topics } = dependencies;
  const wanted = target(dependencies, topicName, declared.protocol, declared.endpoint);
  const given = subscriptionAttributes(dependencies, declared);
  const attributes = parseSubscriptionAttributes(given, wanted.protocol);
  const present = subscriptionOf(topics, wanted);
  if (present === undefined) {
    return { action: 'create', apply: () => subscribe(dependencies, wanted, attributes) };
  }
  const change = (before: Subscription): Subscription => ({
    ...before,
    attributes: parseSubscriptionAttributes({ ...before.attributes, ...given }, wanted.protocol),
  });
  const [before, after] = [shownAttributes(present.attributes), shownAttributes(change(present).attributes)];
  const details = differences(changedAttributes(before, after, sameJson));
  return {
    action: details === '' ? 'leave' : 'change',
    details,
    async apply() {
      if (details !== '') await topics.updateSubscription(present.arn, change);
      // An endpoint that has not confirmed is asked again.
      await subscribe(dependencies, wanted, attributes);
    },
  };
}

/** By AWS's names. */
function subscriptionAttributes(
  { region, accountId }: TopicDeclarerDependencies,
  declared: DeclaredSubscription,
): Record<string, string> {
  const { rawMessageDelivery, filterPolicy, filterPolicyScope, deliveryPolicy, deadLetterQueue } = declared;
  const arn = deadLetterQueue && protocols.sqs.declaredEndpoint(deadLetterQueue, { region, accountId });
  return {
    ...(rawMessageDelivery !== undefined && { RawMessageDelivery: String(rawMessageDelivery) }),
    ...(filterPolicyScope !== undefined && { FilterPolicyScope: filterPolicyScope }),
    ...(filterPolicy !== undefined && { FilterPolicy: filterPolicy }),
    ...(deliveryPolicy !== undefined && { DeliveryPolicy: deliveryPolicy }),
    ...(arn !== undefined && { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn }) }),
  };
}

async function subscribe(
  { topics, publisher, accountId }: TopicDeclarerDependencies,
  wanted: Target,
  attributes: SubscriptionAttributes,
): Promise<void> {
  const subscribed = await topics.subscribe(
    {
      ...wanted,
      owner: accountId,
      confirmed: !protocols[wanted.protocol].needsConfirmation,
      authenticateOnUnsubscribe: false,
      attributes,
    },
    () => {},
  );
  if (subscribed.token === undefined) return;
  await publisher.sendConfirmation('SubscriptionConfirmation', subscribed.subscription, subscribed.token);
}

interface Target {
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
}

function target(
  { region, accountId }: TopicDeclarerDependencies,
  topicName: string,
  word: string,
  endpoint: string,
): Target {
  const protocol = parseProtocol(word);
  const full = protocols[protocol].declaredEndpoint(endpoint, { region, accountId });
  const topicArn = parseTopic({ Name: topicName }, region, accountId).arn;
  return { topicArn, protocol, endpoint: parseEndpoint(protocol, full) };
}

function subscriptionOf(topics: Topics, { topicArn, protocol, endpoint }: Target) {
  for (const present of topics.subscriptions(`${topicArn}:`)) {
    if (present.protocol === protocol && present.endpoint === endpoint) return present;
  }
  return undefined;
}

function find(
  dependencies: TopicDeclarerDependencies,
  [, name = '', part, protocol = '', endpoint = '']: Resource,
) {
  const { topics, region, accountId } = dependencies;
  if (part === 'subscriptions') {
    const present = subscriptionOf(topics, target(dependencies, name, protocol, endpoint));
    if (present === undefined) return undefined;
    return {
      async remove() {
        await topics.unsubscribe(present.arn);
      },
    };
  }
  const { arn } = parseTopic({ Name: name }, region, accountId);
  return topics.get(arn) === undefined ? undefined : { remove: () => topics.delete(arn) };
}

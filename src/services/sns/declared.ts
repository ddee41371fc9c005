import type { CreateTopicInput } from '@aws-sdk/client-sns';
import { section } from '../../config/declarations.ts';
import {
  described,
  fields,
  listOf,
  oneOf,
  required,
  text,
  type ValueOf,
  withDefault,
} from '../../config/yaml-reader.ts';
import { ModelInput } from '../../declarations/model-reader.ts';
import type { Declarer, Resource, PlanStep } from '../../declarations/plan.ts';
import type { Checked } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import { parseEndpoint, parseProtocol, protocols } from './protocols/index.ts';
import type { Publisher } from './publisher.ts';
import { protocolNames, type Protocol } from './topic.ts';
import { parseTopic } from './topic-input.ts';
import type { Topics } from './topics.ts';

const subscription = fields({
  protocol: required(described('Delivery protocol', oneOf(...protocolNames))),
  endpoint: required(described("A URL or, for lambda, the function's name or ARN", text())),
});

const topic = new ModelInput<Checked<CreateTopicInput>>(api, 'CreateTopicInput').reader({
  members: [],
  own: {
    subscriptions: withDefault(described('Endpoints that receive the messages', listOf(subscription)), []),
  },
});

export const topicsSection = section('topics', topic);

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
        { resource: ['topics', name], path, check: () => planTopic(dependencies, name) },
        ...value.own.subscriptions.map((declared, index) => ({
          resource: ['topics', name, 'subscriptions', declared.protocol, declared.endpoint],
          path: `${path}.subscriptions.${index}`,
          check: () => planSubscription(dependencies, name, declared),
        })),
      ]),
    find: (resource) => find(dependencies, resource),
  };
}

function planTopic({ topics, region, accountId }: TopicDeclarerDependencies, name: string): PlanStep {
  const parsed = parseTopic({ Name: name }, region, accountId);
  const action = topics.get(parsed.arn) === undefined ? 'create' : 'leave';
  return { action, apply: () => topics.create(parsed, () => {}) };
}

function planSubscription(
  dependencies: TopicDeclarerDependencies,
  topicName: string,
  declared: DeclaredSubscription,
): PlanStep {
  const { topics, publisher, accountId } = dependencies;
  const wanted = target(dependencies, topicName, declared.protocol, declared.endpoint);
  const present = subscriptionOf(topics, wanted);
  return {
    action: present === undefined ? 'create' : 'leave',
    async apply() {
      const subscribed = await topics.subscribe(
        {
          ...wanted,
          owner: accountId,
          confirmed: !protocols[wanted.protocol].needsConfirmation,
          authenticateOnUnsubscribe: false,
          attributes: {},
        },
        () => {},
      );
      if (subscribed.token === undefined) return;
      await publisher.sendConfirmation('SubscriptionConfirmation', subscribed.subscription, subscribed.token);
    },
  };
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

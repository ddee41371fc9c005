import { formatArn } from '../../aws/arn.ts';
import { parseEndpoint, parseProtocol } from './endpoint-input.ts';
import { parseTopic } from './topic-input.ts';
import type { Publisher } from './publisher.ts';
import type { Topics } from './topics.ts';

/** A topic as `nagare.yaml` has it. */
export interface TopicDeclaration {
  readonly subscriptions: readonly {
    readonly protocol: string;
    /** A URL; for `lambda`, the function's name or ARN. */
    readonly endpoint: string;
  }[];
}

/**
 * Makes topics and their subscriptions be there. Subscriptions that are not declared stay; an http endpoint that
 * has not confirmed is asked again.
 */
export interface TopicDeclarer {
  /** Throws ServiceError for what is wrong with the declaration itself. */
  readonly check: (name: string, declaration: TopicDeclaration) => void;
  readonly declare: (name: string, declaration: TopicDeclaration) => Promise<void>;
}

export function topicDeclarer(
  topics: Topics,
  publisher: Publisher,
  region: string,
  accountId: string,
): TopicDeclarer {
  const parse = (name: string, { subscriptions }: TopicDeclaration) => ({
    topic: parseTopic({ Name: name }, region, accountId),
    endpoints: subscriptions.map((declared) => {
      const protocol = parseProtocol(declared.protocol);
      const isFunctionName = protocol === 'lambda' && !declared.endpoint.startsWith('arn:');
      const endpoint = isFunctionName
        ? formatArn('lambda', { region, accountId }, `function:${declared.endpoint}`)
        : declared.endpoint;
      return { protocol, endpoint: parseEndpoint(protocol, endpoint) };
    }),
  });
  return {
    check: parse,
    async declare(name, declaration) {
      const { topic, endpoints } = parse(name, declaration);
      await topics.create(topic, () => {});
      for (const { protocol, endpoint } of endpoints) {
        const { subscription, token } = await topics.subscribe(
          {
            topicArn: topic.arn,
            protocol,
            endpoint,
            owner: accountId,
            confirmed: protocol === 'lambda',
            authenticateOnUnsubscribe: false,
            attributes: {},
          },
          () => {},
        );
        if (token !== undefined)
          await publisher.sendConfirmation('SubscriptionConfirmation', subscription, token);
      }
    },
  };
}

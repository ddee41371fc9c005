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
export function topicDeclarer(
  topics: Topics,
  publisher: Publisher,
  region: string,
  accountId: string,
): (name: string, declaration: TopicDeclaration) => Promise<void> {
  return async (name, { subscriptions }) => {
    const topic = parseTopic({ Name: name }, region, accountId);
    await topics.create(topic, () => {});
    for (const declared of subscriptions) {
      const protocol = parseProtocol(declared.protocol);
      const isFunctionName = protocol === 'lambda' && !declared.endpoint.startsWith('arn:');
      const endpoint = parseEndpoint(
        protocol,
        isFunctionName
          ? `arn:aws:lambda:${region}:${accountId}:function:${declared.endpoint}`
          : declared.endpoint,
      );
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
  };
}

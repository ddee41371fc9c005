import { formatArn } from '../../../aws/arn.ts';
import { isFinalFailure } from '../../../aws/targets.ts';
import { invalidParameter } from '../errors.ts';
import { isQueueArn, queueMessage } from '../queue-message.ts';
import type { SnsProtocol } from './protocol.ts';
import { retryDelayMs } from './retries.ts';

/** Sends notifications to a standard queue, which need not exist when it is subscribed. */
export const sqsProtocol: SnsProtocol = {
  declaredEndpoint: (declared, place) =>
    declared.startsWith('arn:') ? declared : formatArn('sqs', place, declared),
  parseEndpoint(endpoint) {
    if (!isQueueArn(endpoint)) throw invalidParameter('SQS endpoint ARN');
    if (endpoint.endsWith('.fifo')) {
      // As recorded on AWS, with the repetition.
      throw invalidParameter(
        'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
      );
    }
    return endpoint;
  },
  needsConfirmation: false,
  allowsRawMessages: true,
  allowsDeliveryPolicy: false,
  async attempt(sending, { targets }) {
    try {
      await targets.deliver(sending.endpoint, await queueMessage(sending), sending.actor);
      return { isDelivered: true };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A missing queue, one whose policy refuses SNS, or a message that the queue refuses: too many attributes, or too long.
      return { isDelivered: false, reason, isFinal: isFinalFailure(error) };
    }
  },
  retryDelayMs,
};

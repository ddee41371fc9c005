import { formatArn, parseArn } from '../../../aws/arn.ts';
import { isFinalFailure } from '../../../aws/targets.ts';
import { invalidParameter } from '../errors.ts';
import { lambdaEvent } from '../notification.ts';
import type { SnsProtocol } from './protocol.ts';
import { retryDelayMs } from './retries.ts';

/** Sends notifications as asynchronous invocations of a function. */
export const lambdaProtocol: SnsProtocol = {
  declaredEndpoint: (declared, place) =>
    declared.startsWith('arn:') ? declared : formatArn('lambda', place, `function:${declared}`),
  parseEndpoint(endpoint) {
    if (isFunctionArn(endpoint)) return endpoint;
    throw invalidParameter('Lambda endpoint ARN');
  },
  needsConfirmation: false,
  allowsRawMessages: false,
  allowsDeliveryPolicy: false,
  async attempt(sending, { targets }) {
    const { endpoint, subscriptionArn, unsubscribeUrl, message, actor } = sending;
    const event = lambdaEvent(await sending.sign(), subscriptionArn, unsubscribeUrl, message.attributes);
    try {
      await targets.deliver(endpoint, { message: JSON.stringify(event), trace: message.trace }, actor);
      return { isDelivered: true };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A function that does not exist will not appear, and SNS does not wait for a permission; any other failure may pass.
      return { isDelivered: false, reason, isFinal: isFinalFailure(error) };
    }
  },
  retryDelayMs,
};

function isFunctionArn(text: string): boolean {
  const { service, region, accountId, resource = '' } = parseArn(text) ?? {};
  return service === 'lambda' && region !== '' && accountId !== '' && /^function:./.test(resource);
}

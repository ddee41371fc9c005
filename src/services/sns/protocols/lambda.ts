import { formatArn, parseArn } from '../../../aws/arn.ts';
import { isFinalFailure } from '../../../aws/targets.ts';
import { invalidParameter } from '../errors.ts';
import { lambdaEvent } from '../notification.ts';
import type { SnsProtocol } from './protocol.ts';

const LAMBDA_RETRIES_MAX = 100_014;
const LAMBDA_DELAY_MS_MAX = 20_000;

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
    const { endpoint, subscriptionArn, unsubscribeUrl, message } = sending;
    const event = lambdaEvent(await sending.sign(), subscriptionArn, unsubscribeUrl, message.attributes);
    try {
      await targets.deliver(endpoint, { message: JSON.stringify(event) });
      return 'delivered';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A function that does not exist will not appear; any other failure may pass.
      return { reason, isFinal: isFinalFailure(error) };
    }
  },
  /**
   * 3 immediate retries, 2 after one second, 10 after 1 to 20 seconds, 100,000 every 20 seconds: 23 days, as on AWS.
   */
  retryDelayMs(retry) {
    if (retry > LAMBDA_RETRIES_MAX) return undefined;
    if (retry <= 2) return 0;
    if (retry <= 4) return 1_000;
    return Math.min(1_000 * 1.4 ** (retry - 5), LAMBDA_DELAY_MS_MAX);
  },
};

function isFunctionArn(text: string): boolean {
  const { service, region, accountId, resource = '' } = parseArn(text) ?? {};
  return service === 'lambda' && region !== '' && accountId !== '' && /^function:./.test(resource);
}

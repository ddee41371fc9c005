import { parseArn } from '../../aws/arn.ts';
import type { TargetEvent } from '../../aws/targets.ts';
import { httpBody, messageFor, type StoredMessage } from './notification.ts';
import type { OutgoingNotification } from './protocols/protocol.ts';

/** The notification as a queue gets it: in an envelope, or raw with the attributes of the message. */
export async function queueMessage(sending: OutgoingNotification): Promise<TargetEvent> {
  const { message, protocol, unsubscribeUrl, isRaw } = sending;
  const { groupId, trace } = message;
  const common = { ...(groupId !== undefined && { groupId }), trace };
  if (!isRaw)
    return { message: httpBody(await sending.sign(), unsubscribeUrl, message.attributes), ...common };
  return { message: messageFor(message, protocol), ...rawAttributes(message), ...common };
}

function rawAttributes({ attributes }: StoredMessage): Pick<TargetEvent, 'attributes'> {
  if (attributes === undefined) return {};
  return {
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { Type, Value }]) => [name, { type: Type, value: Value }]),
    ),
  };
}

export function isQueueArn(text: string): boolean {
  const { service, region, accountId, resource = '' } = parseArn(text) ?? {};
  return service === 'sqs' && region !== '' && accountId !== '' && /^[\w-]{1,80}(\.fifo)?$/.test(resource);
}

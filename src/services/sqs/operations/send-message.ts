import type { SendMessageResult } from '@aws-sdk/client-sqs';
import type { CallContext } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { messageIdsOf } from '../message-id.ts';
import { type MessageInput, parseMessage } from '../message-input.ts';
import { nameOf } from '../queue-url.ts';
import { senderOf } from '../sender.ts';
import { sendMessages } from '../sending.ts';

/** Sends a message; durable before the response. */
export async function sendMessage(
  { queues, traces }: SqsContext,
  input: MessageInput & { readonly QueueUrl?: string },
  call: CallContext,
): Promise<SendMessageResult> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  open.admit('send');
  const message = parseMessage(open.queue, input, {
    sender: senderOf(call),
    trace: traces.of(call.http),
    newId: messageIdsOf(call.invocationId),
  });
  const [sent] = await sendMessages(open, [message], call.invocationId);
  return sent ?? {};
}

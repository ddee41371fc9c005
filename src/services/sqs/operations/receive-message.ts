import type { ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked, EncodedOutput } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { overLimit } from '../errors.ts';
import { sqsLimits } from '../limits.ts';
import { chosenSystemAttributes } from '../message-output.ts';
import { receivedOutput } from '../messages-json.ts';
import { isFifo, numberOf } from '../queue.ts';
import { nameOf } from '../queue-url.ts';
import { parseReceive } from '../receive-input.ts';

/**
 * Receives up to ten messages; with a wait time, the response comes as soon as there is one. On a FIFO queue, a retry with
 * the same amz-sdk-invocation-id receives the same messages, as one with the same ReceiveRequestAttemptId does.
 */
export async function receiveMessage(
  { queues }: SqsContext,
  input: Checked<ReceiveMessageRequest>,
  call: CallContext,
): Promise<ReceiveMessageResult | EncodedOutput> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  open.admit('receive');
  const { queue, messages, metrics } = open;
  const request = parseReceive(queue, input);
  const system = chosenSystemAttributes([
    ...(input.AttributeNames ?? []),
    ...(input.MessageSystemAttributeNames ?? []),
  ]);
  if (!isFifo(queue) && messages.inFlight >= sqsLimits.inFlightMax) {
    throw overLimit('The maximum number of messages in flight, 120000, is reached for this queue.');
  }
  const received = await messages.receive({
    most: request.most,
    visibilityMs: (request.visibilitySeconds ?? numberOf(queue, 'VisibilityTimeout')) * 1000,
    waitMs: (request.waitSeconds ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds')) * 1000,
    attemptId: isFifo(queue) ? (request.attemptId ?? attemptOf(call)) : undefined,
    // A signal costs more than a message, and is only needed by a receive that waits.
    get signal() {
      return call.signal;
    },
  });
  if (received.length === 0) {
    metrics.add('NumberOfEmptyReceives', 1);
    return {};
  }
  metrics.add('NumberOfMessagesReceived', received.length);
  const names = input.MessageAttributeNames ?? [];
  return receivedOutput(received, { accountId: call.accountId, isFifo: isFifo(queue), system, names });
}

/** Without a name for the attempt, the messages of a lost response would hold up their groups until their timeout. */
function attemptOf({ invocationId }: CallContext): string | undefined {
  return invocationId !== undefined && invocationId.length <= sqsLimits.attemptIdCharactersMax
    ? invocationId
    : undefined;
}

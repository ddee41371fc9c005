import { callKeyOf } from '../../engine/idempotency-key.ts';
import type { ParsedMessage } from './message-input.ts';
import { messageIdText } from './message-id.ts';
import type { OpenQueue } from './open-queue.ts';
import { attributesOf } from './queue.ts';

/** What a response says about a message that was sent. */
export interface SentOutput {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes: string | undefined;
  readonly MD5OfMessageSystemAttributes: string | undefined;
  readonly SequenceNumber: string | undefined;
}

/**
 * Sends messages; durable when it resolves. A FIFO queue sends those once that it recognizes, and a standard one those of
 * a call that has the same invocation id.
 */
export async function sendMessages(
  open: OpenQueue,
  messages: readonly ParsedMessage[],
  invocationId?: string,
): Promise<SentOutput[]> {
  const { queue, metrics, deduplication } = open;
  metrics.add('NumberOfMessagesSent', messages.length);
  for (const { bytes } of messages) metrics.add('SentMessageSize', bytes);
  if (deduplication === undefined) {
    const key =
      invocationId === undefined ? undefined : callKeyOf(invocationId, open.id, contentOf(messages));
    await open.messages.send(messages, key);
    return messages.map((message) => outputOf(message, message.id, undefined));
  }
  const isPerGroup = attributesOf(queue)['DeduplicationScope'] === 'messageGroup';
  const sent = await deduplication.send(
    messages.map((message) => ({
      ...message,
      key: `${isPerGroup ? (message.groupId ?? '') : ''} ${message.deduplicationId ?? ''}`,
    })),
  );
  const repeats = sent.filter(({ isRepeat }) => isRepeat).length;
  if (repeats > 0) metrics.add('NumberOfDeduplicatedSentMessages', repeats);
  return sent.flatMap(({ id, number }, index) => {
    const message = messages[index];
    if (message === undefined) return [];
    return outputOf(message, id, sequenceNumber(number));
  });
}

/** What a repeated call has again. A trace that is passed on is not in it: each request has a span of its own. */
function contentOf(messages: readonly ParsedMessage[]): Buffer {
  const texts = messages.map(({ digest, attributesDigest, systemAttributesDigest, groupId, delayMs }) =>
    [digest, attributesDigest, systemAttributesDigest, groupId, delayMs].join(' '),
  );
  return Buffer.from(texts.join('\n'));
}

function outputOf(message: ParsedMessage, id: Buffer, sequence: string | undefined): SentOutput {
  return {
    MessageId: messageIdText(id),
    MD5OfMessageBody: message.digest,
    MD5OfMessageAttributes: message.attributesDigest,
    MD5OfMessageSystemAttributes: message.systemAttributesDigest,
    SequenceNumber: sequence,
  };
}

/** Twenty digits, as on AWS; rises with the place in the queue. */
export function sequenceNumber(number: number): string {
  return `1${String(number).padStart(19, '0')}`;
}

import type { SentOutput } from './sending.ts';

/**
 * The response of SendMessageBatch if all messages were sent: the same JSON as that of the general encoder, without an
 * object for each message. Ids were checked, and the rest are digits: nothing needs an escape.
 */
export function sentJson(ids: readonly string[], sent: readonly SentOutput[]): string {
  let entries = '';
  for (const [index, one] of sent.entries()) {
    const { MD5OfMessageAttributes, MD5OfMessageSystemAttributes, SequenceNumber } = one;
    entries += `${index === 0 ? '' : ','}{"Id":"${ids[index] ?? ''}","MessageId":"${one.MessageId}","MD5OfMessageBody":"${one.MD5OfMessageBody}"`;
    if (MD5OfMessageAttributes !== undefined)
      entries += `,"MD5OfMessageAttributes":"${MD5OfMessageAttributes}"`;
    if (MD5OfMessageSystemAttributes !== undefined)
      entries += `,"MD5OfMessageSystemAttributes":"${MD5OfMessageSystemAttributes}"`;
    entries += SequenceNumber === undefined ? '}' : `,"SequenceNumber":"${SequenceNumber}"}`;
  }
  return `{"Successful":[${entries}],"Failed":[]}`;
}

/** The response of DeleteMessageBatch if all messages were deleted, likewise. */
export function deletedJson(entries: readonly { readonly Id: string }[]): string {
  return `{"Successful":[${entries.map(({ Id }) => `{"Id":"${Id}"}`).join(',')}],"Failed":[]}`;
}

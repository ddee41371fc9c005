import type { ServiceError } from '../../errors.ts';
import {
  invalidParameter,
  invalidValue,
  missingParameter,
  receiptHandleExpired,
  receiptHandleIsInvalid,
  visibilityNotChangeable,
} from './errors.ts';
import { sqsLimits } from './limits.ts';
import type { OpenQueue } from './open-queue.ts';

/** Deletes a message. Throws ReceiptHandleIsInvalid, and for a FIFO queue InvalidParameterValue. */
export async function deleteByHandle(open: OpenQueue, handle: string | undefined): Promise<void> {
  const [error] = await deleteByHandles(open, [handle]);
  if (error !== undefined) throw error;
}

/** The same for the messages of a batch; resolves with the error of each, or undefined. */
export async function deleteByHandles(
  open: OpenQueue,
  handles: readonly (string | undefined)[],
): Promise<(ServiceError | undefined)[]> {
  const results = await open.messages.delete(handles.map((handle = '') => handle));
  const done = results.filter((result) => result === 'done').length;
  if (done > 0) open.metrics.add('NumberOfMessagesDeleted', done);
  return results.map((result, index) => {
    const handle = handles[index] ?? '';
    if (handle === '') return missingParameter('ReceiptHandle');
    if (result === 'invalid') return receiptHandleIsInvalid(handle);
    return result === 'expired' ? receiptHandleExpired(handle) : undefined;
  });
}

interface VisibilityInput {
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

/** Changes the visibility of a message. Throws ReceiptHandleIsInvalid, InvalidParameterValue. */
export async function changeByHandle(open: OpenQueue, input: VisibilityInput, nowMs: number): Promise<void> {
  const { ReceiptHandle: handle, VisibilityTimeout: seconds } = input;
  if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle');
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  if (seconds < 0 || seconds > sqsLimits.visibilitySecondsMax)
    throw invalidValue(
      seconds,
      'VisibilityTimeout',
      'VisibilityTimeout must be an integer between 0 and 43200',
    );
  const result = await open.messages.changeVisibility(handle, seconds * 1000, (receivedMs) => {
    const total = (nowMs - receivedMs) / 1000 + seconds;
    if (total <= sqsLimits.visibilitySecondsMax) return;
    throw invalidParameter(
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
    );
  });
  if (result === 'invalid') throw receiptHandleIsInvalid(handle);
  if (result !== 'done') throw visibilityNotChangeable(handle);
}

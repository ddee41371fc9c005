import type { ReceiveMessageRequest } from '@aws-sdk/client-sqs';
import type { Checked } from '../../protocol/service.ts';
import { invalidValue, notForThisType } from './errors.ts';
import { sqsLimits } from './limits.ts';
import { isFifo, type Queue } from './queue.ts';

export interface ReceiveInput {
  readonly most: number;
  readonly visibilitySeconds: number | undefined;
  readonly waitSeconds: number | undefined;
  readonly attemptId: string | undefined;
}

/** Throws InvalidParameterValue with AWS's words. */
export function parseReceive(queue: Queue, input: Checked<ReceiveMessageRequest>): ReceiveInput {
  const {
    MaxNumberOfMessages: most = 1,
    VisibilityTimeout: visibilitySeconds,
    WaitTimeSeconds: waitSeconds,
    ReceiveRequestAttemptId: attemptId,
  } = input;
  if (most < 1 || most > sqsLimits.receiveMessagesMax) {
    throw invalidValue(most, 'MaxNumberOfMessages', 'Must be between 1 and 10, if provided.');
  }
  if (visibilitySeconds !== undefined && isOutside(visibilitySeconds, sqsLimits.visibilitySecondsMax)) {
    throw invalidValue(visibilitySeconds, 'VisibilityTimeout', 'Must be >= 0 and <= 43200, if provided.');
  }
  if (waitSeconds !== undefined && isOutside(waitSeconds, sqsLimits.waitSecondsMax)) {
    throw invalidValue(waitSeconds, 'WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.');
  }
  if (attemptId !== undefined) {
    if (!isFifo(queue)) throw notForThisType(attemptId, 'ReceiveRequestAttemptId');
    const isValid = /^[!-~]+$/.test(attemptId) && attemptId.length <= sqsLimits.attemptIdCharactersMax;
    if (!isValid) {
      throw invalidValue(
        attemptId,
        'ReceiveRequestAttemptId',
        'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
      );
    }
  }
  return { most, visibilitySeconds, waitSeconds, attemptId };
}

function isOutside(value: number, max: number): boolean {
  return value < 0 || value > max;
}

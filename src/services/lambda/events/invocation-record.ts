import type { TargetEvent } from '../../../aws/targets.ts';
import type { InvokeResult } from '../functions.ts';

/** Why an asynchronous invocation is over, in Lambda's words. */
export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

export interface FinishedEvent {
  readonly requestId: string;
  readonly functionName: string;
  /** With the qualifier. */
  readonly functionArn: string;
  readonly condition: Condition;
  readonly invokeCount: number;
  readonly requestPayload: Buffer;
  /** The last response, if there was one. */
  readonly response: Pick<InvokeResult, 'payload' | 'functionError' | 'executedVersion'> | undefined;
  readonly nowMs: number;
  /** Makes the object's key unique. */
  readonly recordId: string;
}

/**
 * The record of an invocation as Lambda's guide "Retain records of Lambda asynchronous invocations" shows it. Buckets
 * get it as an object.
 */
export function invocationRecord(event: FinishedEvent): Required<Pick<TargetEvent, 'message' | 'object'>> {
  const { response, nowMs } = event;
  const time = new Date(nowMs).toISOString();
  const message = JSON.stringify({
    version: '1.0',
    timestamp: time,
    requestContext: {
      requestId: event.requestId,
      functionArn: event.functionArn,
      condition: event.condition,
      approximateInvokeCount: event.invokeCount,
    },
    requestPayload: parsed(event.requestPayload),
    ...(response === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: response.executedVersion,
            ...(response.functionError === undefined ? {} : { functionError: response.functionError }),
          },
          responsePayload: parsed(response.payload),
        }),
  });
  const [day = '', rest = ''] = time.split('T');
  const stamp = `${day}T${rest.slice(0, 8).replaceAll(':', '.')}`;
  const folder = `aws/lambda/async/${event.functionName}/${day.replaceAll('-', '/')}`;
  return { message, object: { key: `${folder}/${stamp}-${event.recordId}`, body: message } };
}

/** The first characters of an error's message, as a dead letter has them. */
const ERROR_MESSAGE_CHARACTERS = 1024;

/** A dead letter: the event itself, with attributes that say why it was given up. */
export function deadLetter({ requestId, requestPayload, response }: FinishedEvent): TargetEvent {
  const error = response === undefined ? undefined : parsed(response.payload);
  const message =
    typeof error === 'object' && error !== null && 'errorMessage' in error ? String(error.errorMessage) : '';
  return {
    message: requestPayload.toString(),
    attributes: {
      RequestID: { type: 'String', value: requestId },
      ErrorCode: { type: 'Number', value: '200' },
      ...(message === ''
        ? {}
        : { ErrorMessage: { type: 'String', value: message.slice(0, ERROR_MESSAGE_CHARACTERS) } }),
    },
  };
}

/** The API accepts JSON only; what a runtime returned may be anything. */
function parsed(payload: Buffer): unknown {
  if (payload.length === 0) return null;
  try {
    return JSON.parse(payload.toString());
  } catch {
    return payload.toString();
  }
}

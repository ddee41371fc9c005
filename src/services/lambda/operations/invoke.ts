import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { MemoryBudgetError } from '../../../http/message.ts';
import { lambdaLimits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import {
  clientContextInvalid,
  eventTooLarge,
  payloadNotJson,
  payloadTooLarge,
  unavailable,
  unsupportedOption,
} from '../errors.ts';
import { FunctionsClosedError } from '../functions.ts';
import { invalidJsonAt } from '../../../support/json-check.ts';
import { deadlineInTraceId } from '../runtime/trace-headers.ts';

/**
 * Runs a function and returns its result (RequestResponse), or returns as soon as the event is durable (Event), or only
 * checks the request (DryRun). A retry of an Event with the same amz-sdk-invocation-id does not run the function again.
 * A function runs at most reservedConcurrentExecutions times at once; without a reservation four times per core of the
 * machine, at least eight, and all functions together 64 times. Further calls wait, where AWS refuses them. A call made
 * by a running function, whose process may be the one it waits for, waits for a third of its caller's remaining time
 * and then fails as on AWS (TooManyRequestsException). When the function's processes keep ending before they take an
 * invocation, calls fail at once with the error of the last one until the next is started.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invoke(
  context: LambdaContext,
  input: Checked<InvocationRequest>,
  call: CallContext,
): Promise<InvocationResponse> {
  for (const option of ['DurableExecutionName', 'TenantId'] as const) {
    if (input[option] !== undefined) throw unsupportedOption(option);
  }
  const { reference } = context.functions.resolve(input.FunctionName, input.Qualifier);
  const clientContext = parseClientContext(input.ClientContext);
  const asynchronous = input.InvocationType === 'Event';
  const payload = checkPayload(input.Payload, asynchronous);
  const options = {
    requestId: call.requestId,
    trace: context.traces.of(call.http),
    ...(clientContext === undefined ? {} : { clientContext }),
  };
  if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
  if (asynchronous) {
    const { invocationId } = call;
    const repeatable = { ...options, ...(invocationId !== undefined && { invocationId }) };
    await context.invoker.invokeAsync(reference.arn, payload, repeatable);
    return { StatusCode: 202 };
  }
  // Reserve memory for the response first: if it were refused after the function ran, the caller's retry would run the
  // function again.
  if (!call.http.responseMemory.expect(lambdaLimits.invokeResponseBytesMax)) throw new MemoryBudgetError();
  try {
    const { signal, http } = call;
    const waitMsMax = patienceMs(http.headers['x-amzn-trace-id'], context.clock.now());
    const result = await context.invoker.invoke(reference.arn, payload, {
      ...options,
      signal,
      waitMsMax,
      waitsForPause: false,
    });
    return {
      StatusCode: 200,
      ExecutedVersion: result.executedVersion,
      Payload: new Uint8Array(result.payload),
      ...(result.functionError === undefined ? {} : { FunctionError: result.functionError }),
      ...(input.LogType === 'Tail' ? { LogResult: result.logTail.toString('base64') } : {}),
    };
  } catch (error) {
    throw error instanceof FunctionsClosedError ? unavailable() : error;
  }
}

/**
 * How long a call from a function may wait. When all running functions wait for another one, none can finish before the
 * first of them times out. An SDK tries three times before it reports an error to its function: all three must fit into
 * the time left.
 */
function patienceMs(traceId: string | string[] | undefined, nowMs: number): number | undefined {
  const deadlineMs = deadlineInTraceId(traceId);
  return deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - nowMs) / 3;
}

function checkPayload(payload: Uint8Array | undefined, asynchronous: boolean): Buffer {
  if (payload === undefined || payload.byteLength === 0) return Buffer.from('{}');
  const { byteLength } = payload;
  const most = lambdaLimits.invokePayloadBytesMax;
  if (byteLength > most) throw payloadTooLarge(most);
  const asyncMost = lambdaLimits.invokeAsyncPayloadBytesMax;
  if (asynchronous && byteLength > asyncMost) throw eventTooLarge(byteLength, asyncMost);
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, byteLength);
  const wrongAt = invalidJsonAt(bytes);
  if (wrongAt !== undefined) throw payloadNotJson(whyInvalid(bytes, wrongAt));
  return bytes;
}

function whyInvalid(bytes: Buffer, at: number): string {
  if (at >= bytes.length) return 'Unexpected end of JSON input';
  const [character = ''] = bytes.toString('utf8', at, at + 4);
  return `Unexpected character ${JSON.stringify(character)} at position ${at}`;
}

function parseClientContext(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  try {
    // On one line: it is sent to the function in a header.
    return JSON.stringify(JSON.parse(text)).replace(/[\u007f-\uffff]/g, escapeCharacter);
  } catch {
    throw clientContextInvalid();
  }
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

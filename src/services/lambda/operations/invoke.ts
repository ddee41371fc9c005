import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { NoRoomError } from '../../../http/message.ts';
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
import { deadlineInTraceId } from '../runtime/trace-id.ts';

/**
 * Runs a function and gives what it returned (RequestResponse), or answers as soon as it is certain that it will run
 * (Event), or only checks that it could (DryRun). As many run at once as reservedConcurrentExecutions says, otherwise
 * four a core of the machine, eight at least, and 64 of all functions together; a further call waits for its turn,
 * where AWS refuses it. A call by a function that runs itself, which may hold the very turn it waits for, waits for a
 * third of the time that its caller has left, and is then refused as on AWS (TooManyRequestsException).
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
  const options = { requestId: call.requestId, ...(clientContext === undefined ? {} : { clientContext }) };
  if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
  if (asynchronous) {
    await context.invoker.invokeAsync(reference.arn, payload, options);
    return { StatusCode: 202 };
  }
  // A function that has run and whose answer is refused would be run again by the caller's retry.
  if (!call.http.responseMemory.expect(lambdaLimits.invokeResponseBytesMax)) throw new NoRoomError();
  try {
    const { signal, http } = call;
    const waitMsMax = patienceMs(http.headers['x-amzn-trace-id'], context.clock.now());
    const result = await context.invoker.invoke(reference.arn, payload, { ...options, signal, waitMsMax });
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
 * A caller waits for a running function in vain if all running ones wait for another one, until the first of them
 * is at its timeout. An SDK calls three times before it tells its own function: all of that fits in before.
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
  try {
    JSON.parse(bytes.toString());
  } catch (error) {
    throw payloadNotJson(String(error instanceof Error ? error.message : error));
  }
  return bytes;
}

function parseClientContext(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  try {
    // In one line: it travels to the function in a header.
    return JSON.stringify(JSON.parse(text)).replace(/[\u007f-\uffff]/g, escapeCharacter);
  } catch {
    throw clientContextInvalid();
  }
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { limits } from '../../limits.ts';
import type { CallContext, Checked } from '../../protocol/service.ts';
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

/**
 * Runs a function and gives what it returned (RequestResponse), or answers as soon as it is certain that it will run
 * (Event), or only checks that it could (DryRun). When as many run as may, a call waits for its turn; AWS refuses it.
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
  try {
    const result = await context.invoker.invoke(reference.arn, payload, { ...options, signal: call.signal });
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

function checkPayload(payload: Uint8Array | undefined, asynchronous: boolean): Buffer {
  if (payload === undefined || payload.byteLength === 0) return Buffer.from('{}');
  const { byteLength } = payload;
  const most = limits.invokePayloadBytesMax;
  if (byteLength > most) throw payloadTooLarge(most);
  const asyncMost = limits.invokeAsyncPayloadBytesMax;
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

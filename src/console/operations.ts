import type { HttpRequest } from '../http/message.ts';
import type { LocalCalls } from '../protocol/local-calls.ts';
import type { Caller } from './caller.ts';

/** Calls an operation as the caller. Undefined if the caller may not, or if there is no such thing. */
export async function answerTo<Output>(
  calls: LocalCalls,
  caller: Caller,
  http: HttpRequest,
  service: string,
  name: string,
  input: object,
): Promise<Output | undefined> {
  const operation = calls.find(service, name);
  if (operation === undefined) return undefined;
  const body = Buffer.from(JSON.stringify(input));
  const { status, body: content } = await operation.call(http, caller.principal(operation.signingName), body);
  if (status !== 200 || content === undefined || Symbol.asyncIterator in Object(content)) return undefined;
  const text = typeof content === 'string' ? content : Buffer.from(content as Uint8Array).toString();
  // The model defines the output.
  return JSON.parse(text) as Output;
}

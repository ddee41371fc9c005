import { AnsweredError, type RunningServer } from '../api.ts';
import { send, type Answer } from '../connect/send.ts';

interface Invocation {
  readonly name: string;
  readonly payload: string;
  readonly isAsync: boolean;
}

interface InvocationResult {
  readonly status: number;
  /** What the function returned, or how it failed. */
  readonly result: string;
  /** `Handled` or `Unhandled` if it failed. */
  readonly error: string | undefined;
  /** The end of its output. */
  readonly log: string | undefined;
}

/** Calls Invoke, whose answer is the function's. Rejects with CommandError. */
export async function invoke(
  server: RunningServer,
  { name, payload, isAsync }: Invocation,
): Promise<InvocationResult> {
  const headers = {
    'content-type': 'application/json',
    'x-amz-invocation-type': isAsync ? 'Event' : 'RequestResponse',
    ...(isAsync ? {} : { 'x-amz-log-type': 'Tail' }),
  };
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const answer = await send(server, { method: 'POST', path, service: 'lambda', headers, body: payload });
  const { text: result } = answer;
  if (!answer.ok) throw refusal(result, answer);
  const log = answer.headers.get('x-amz-log-result');
  return {
    status: answer.status,
    result,
    error: answer.headers.get('x-amz-function-error') ?? undefined,
    log: log === null ? undefined : Buffer.from(log, 'base64').toString(),
  };
}

function refusal(text: string, { headers, status }: Answer): AnsweredError {
  const code = headers.get('x-amzn-errortype')?.replace(/:.*$/, '') ?? `status ${status}`;
  let message = text;
  try {
    const output: unknown = JSON.parse(text);
    if (typeof output === 'object' && output !== null) {
      if ('message' in output) message = String(output.message);
      else if ('Message' in output) message = String(output.Message);
    }
  } catch {
    // The text says what there is to say.
  }
  return new AnsweredError(code, message, 'lambda');
}

import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** The client side of the Lambda Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). */
export interface Invocation {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string | undefined;
  readonly clientContext: string | undefined;
  readonly payload: string;
}

/** Idle sockets are unreferenced while a handler runs, so that an empty event loop can be detected. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = (process.env['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':');

export async function nextInvocation(): Promise<Invocation> {
  const { headers, body } = await call('GET', 'invocation/next');
  return {
    requestId: header(headers, 'lambda-runtime-aws-request-id') ?? '',
    deadlineMs: Number(header(headers, 'lambda-runtime-deadline-ms')),
    functionArn: header(headers, 'lambda-runtime-invoked-function-arn') ?? '',
    traceId: header(headers, 'lambda-runtime-trace-id'),
    clientContext: header(headers, 'lambda-runtime-client-context'),
    payload: body,
  };
}

export async function sendResponse(requestId: string, result: string): Promise<void> {
  await call('POST', `invocation/${requestId}/response`, result);
}

export async function sendError(requestId: string, error: object & { errorType: string }): Promise<void> {
  await call('POST', `invocation/${requestId}/error`, JSON.stringify(error), error.errorType);
}

export async function sendInitError(error: object & { errorType: string }): Promise<void> {
  await call('POST', 'init/error', JSON.stringify(error), error.errorType);
}

/** nagare's extension of the Runtime API: reports which files this process loaded, as they were when it read them. */
export async function sendLoadedFiles(files: readonly object[]): Promise<void> {
  await call('POST', 'loaded-files', JSON.stringify(files));
}

function call(method: string, what: string, body?: string, errorType?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = {};
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    if (errorType !== undefined) headers['lambda-runtime-function-error-type'] = errorType;
    const path = `/2018-06-01/runtime/${what}`;
    const sent = request({ host, port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

import { signedFor } from '../support/admission.ts';
import { request, type Agent } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  // What the operation answers, as JSON.
  readonly body: Record<string, unknown>;
}

/** Calls an operation as AWS JSON 1.1 without an SDK: nothing is tried again, each call is one request. */
export function call(
  endpoint: string,
  operation: string,
  input: object,
  options: { readonly agent?: Agent; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawAnswer> {
  const body = JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const sent = request(
      endpoint,
      {
        method: 'POST',
        ...(options.agent === undefined ? {} : { agent: options.agent }),
        headers: {
          ...signedFor('kinesis'),
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `Kinesis_20131202.${operation}`,
          'content-length': Buffer.byteLength(body),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          // Kinesis answers with a JSON object, or nothing.
          const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
          resolve({ status: response.statusCode ?? 0, body: parsed });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The same; throws what is not answered with 200. */
export async function callWell(
  endpoint: string,
  operation: string,
  input: object,
  agent?: Agent,
): Promise<Record<string, unknown>> {
  const { status, body } = await call(endpoint, operation, input, agent === undefined ? {} : { agent });
  if (status !== 200) throw new Error(`${operation}: ${status} ${JSON.stringify(body)}`);
  return body;
}

import { createHash, createHmac } from 'node:crypto';
import type { Subject } from './subject.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of the JSON protocol, where the answer is in it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly bytes: Buffer;
}

/**
 * A request as bytes, for what no SDK sends. Signed with Signature Version 4, without which AWS looks at nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function sendSigned(
  subject: Subject,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const signed = await sign(subject, headers, body);
  const response = await fetch(subject.endpoint, { method: 'POST', headers: signed, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    // The JSON protocol answers with an object.
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    text,
    bytes,
  };
}

async function sign(
  subject: Subject,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = await subject.kinesis.config.credentials();
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const all: Record<string, string> = {
    ...headers,
    host: new URL(subject.endpoint).host,
    'x-amz-date': time,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(all).toSorted();
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${all[name]?.trim()}`),
    '',
    names.join(';'),
    createHash('sha256').update(body).digest('hex'),
  ].join('\n');
  const scope = [time.slice(0, 8), subject.region, 'kinesis', 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  const credential = `${accessKeyId}/${scope.join('/')}`;
  const { host: _, ...sent } = all;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';

/** The root key of the servers in these tests. */
export const ROOT = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

export interface ToSign {
  readonly method?: string;
  /** As sent. */
  readonly path: string;
  /** As it is signed; default: as sent, for paths that need no encoding. */
  readonly signedPath?: string;
  /** As sent and signed: sorted, without `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: the hash of the body. */
  readonly payload?: string;
  readonly service: string;
  readonly region?: string;
  readonly timeMs?: number;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly host: string;
}

export interface Signed {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signature: string;
  readonly time: string;
  readonly scope: string;
  readonly key: Buffer;
}

/** Signature Version 4 in its header form, written from the guide and independent of what is tested. */
export function sign(given: ToSign): Signed {
  const { method = 'POST', path, query = '', body = '', service, region = 'us-east-1', host } = given;
  const { accessKeyId = ROOT.accessKeyId, secretAccessKey = ROOT.secretAccessKey } = given;
  const time = timeOf(given.timeMs ?? Date.now());
  const payload = given.payload ?? sha256(body);
  const headers: Record<string, string> = {
    ...given.headers,
    host,
    'x-amz-date': time,
    ...(service === 's3' && { 'x-amz-content-sha256': payload }),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]?.trim().replaceAll(/ +/g, ' ')}\n`).join('');
  const canonical = [method, given.signedPath ?? path, query, lines, names.join(';'), payload].join('\n');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = keyOf(secretAccessKey, scope);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { method, path, query, headers, body, signature, time, scope, key };
}

/** A presigned GET, or another method: returns the query. */
export function presign(given: {
  readonly method?: string;
  /** In the query, for S3. */
  readonly payload?: string;
  readonly path: string;
  readonly service: string;
  readonly host: string;
  readonly timeMs?: number;
  readonly expires?: string;
  readonly signer?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}): string {
  const { method = 'GET', path, service, host, expires = '60', signer = ROOT } = given;
  const time = timeOf(given.timeMs ?? Date.now());
  const scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    ...(given.payload === undefined ? [] : [`X-Amz-Content-Sha256=${given.payload}`]),
    `X-Amz-Credential=${encodeURIComponent(`${signer.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${expires}`,
    'X-Amz-SignedHeaders=host',
  ].join('&');
  const payload = given.payload ?? (service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256(''));
  const canonical = [method, path, query, `host:${host}\n`, 'host', payload].join('\n');
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  return `${query}&X-Amz-Signature=${hmac(keyOf(signer.secretAccessKey, scope), text).toString('hex')}`;
}

/** The body of an upload in signed chunks, in the order given, with a signed trailer if there is one. */
export function signedChunks(
  { signature, time, scope, key }: Signed,
  chunks: readonly string[],
  trailer?: string,
): string[] {
  let previous = signature;
  const next = (algorithm: string, content: string): string => {
    previous = hmac(key, `${algorithm}\n${time}\n${scope}\n${previous}\n${content}`).toString('hex');
    return previous;
  };
  const parts = [...chunks, ''].map((chunk) => {
    const signed = next('AWS4-HMAC-SHA256-PAYLOAD', `${sha256('')}\n${sha256(chunk)}`);
    const end = chunk === '' ? '' : `${chunk}\r\n`;
    return `${chunk.length.toString(16)};chunk-signature=${signed}\r\n${end}`;
  });
  if (trailer === undefined) return [...parts, '\r\n'];
  const signed = next('AWS4-HMAC-SHA256-TRAILER', sha256(`${trailer}\n`));
  return [...parts, `${trailer}\r\nx-amz-trailer-signature:${signed}\r\n\r\n`];
}

export interface Got {
  readonly status: number;
  readonly body: string;
}

/** Sends it as it is. */
export function send(
  endpoint: string,
  sent: Omit<Signed, 'signature' | 'time' | 'scope' | 'key'>,
): Promise<Got> {
  const { hostname, port } = new URL(endpoint);
  const path = sent.query === '' ? sent.path : `${sent.path}?${sent.query}`;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        hostname,
        port,
        path,
        method: sent.method,
        headers: { ...sent.headers, 'content-length': sent.body.length },
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text: string) => (body += text));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      },
    );
    call.on('error', reject);
    call.end(sent.body);
  });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function keyOf(secret: string, scope: string): Buffer {
  return Buffer.from(scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`));
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

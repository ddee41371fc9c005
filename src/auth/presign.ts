import type { Credentials } from './sign.ts';
import { canonicalPath, canonicalQuery, sha256, uriEncode } from './signature/canonical.ts';
import { hmac } from './signature/derived-keys.ts';

/** Returns a URL that carries its signature: a GET without a body and without other headers than Host. */
export function presigned(
  url: URL,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  { region, service }: { readonly region: string; readonly service: string },
  now: Date,
  expiresSeconds: number,
): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const parts = [time.slice(0, 8), region, service, 'aws4_request'];
  const query = [
    url.search.slice(1),
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${uriEncode([accessKeyId, ...parts].join('/'))}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${expiresSeconds}`,
    ...(sessionToken === undefined ? [] : [`X-Amz-Security-Token=${uriEncode(sessionToken)}`]),
    'X-Amz-SignedHeaders=host',
  ]
    .filter((part) => part !== '')
    .join('&');
  const canonical = [
    'GET',
    canonicalPath(url.pathname),
    canonicalQuery(query),
    `host:${url.host}\n`,
    'host',
    sha256(''),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, parts.join('/'), sha256(canonical)].join('\n');
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${hmac(key, text).toString('hex')}`;
}

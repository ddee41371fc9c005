import type { HttpRequest } from '../../http/message.ts';
import { canonicalPath, canonicalPathOfS3, canonicalQuery, canonicalValue, sha256 } from './canonical.ts';
import type { ClaimedSignature } from './credential.ts';
import type { KeyScope } from './derived-keys.ts';

/**
 * The canonical request (IAM user guide, "Create a signed AWS API request"). `payload` is the hash of the body, or what
 * stands for it. `joinsByComma`: see `SignatureVerifier`.
 */
export function canonicalRequest(
  { method, path, query, headers, authority }: HttpRequest,
  { service, signedHeaders, signedHeadersText }: ClaimedSignature,
  payload: string,
  joinsByComma: boolean,
): string {
  let text = `${method}\n${service === 's3' ? canonicalPathOfS3(path) : canonicalPath(path)}\n${canonicalQuery(query)}\n`;
  for (const name of signedHeaders) {
    const sent = isHost(name) ? authority : headers[name];
    const value = sent === undefined ? '' : canonicalValue(typeof sent === 'string' ? sent : sent.join(', '));
    text += `${name}:${joinsByComma ? value.replaceAll(', ', ',') : value}\n`;
  }
  return `${text}\n${signedHeadersText}\n${payload}`;
}

export function stringToSign(claimed: ClaimedSignature, canonical: string): string {
  return `AWS4-HMAC-SHA256\n${claimed.time}\n${scopeText(claimed)}\n${sha256(canonical)}`;
}

export function scopeText({ date, region, service }: KeyScope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/** In HTTP/2, `:authority` is the host; clients sign one or the other. */
export function isHost(name: string): boolean {
  return name === 'host' || name === ':authority';
}

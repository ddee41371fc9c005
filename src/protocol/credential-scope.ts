import type { HttpRequest } from '../http/message.ts';

/** What a request says of its signature: who signed it, for which region and service. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The signing name: `kinesis`, `lambda`, `s3`, `monitoring`, ... */
  readonly service: string;
}

/**
 * From the Authorization header or, for a presigned URL, the query. Undefined when the request is not signed or
 * signed in another way. The signature itself is not looked at here.
 */
export function credentialScope(request: HttpRequest): CredentialScope | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) return parseCredential(/Credential=([^,\s]+)/.exec(header)?.[1]);
  if (!request.query.includes('X-Amz-Credential=')) return undefined;
  return parseCredential(new URLSearchParams(request.query).get('X-Amz-Credential') ?? undefined);
}

function parseCredential(credential: string | undefined): CredentialScope | undefined {
  // The access key id comes first and may hold slashes; the scope is the last four parts.
  const match =
    credential === undefined ? null : /^(.+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential);
  const [, accessKeyId, region, service] = match ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return { accessKeyId, region, service };
}

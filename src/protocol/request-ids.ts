import { randomBytes, randomUUID } from 'node:crypto';

export interface RequestIds {
  /** A UUID: `x-amzn-RequestId`. */
  readonly requestId: string;
  /** `x-amz-id-2`; AWS's is 96 characters of base64 and has no meaning to callers. */
  readonly extendedId: string;
}

const host = randomBytes(48).toString('base64');

/** The extended id combines this process and the request, so that it is unique without further random bytes. */
export function nextRequestIds(): RequestIds {
  const id = randomUUID();
  const digits = id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);
  return { requestId: id, extendedId: host + digits };
}

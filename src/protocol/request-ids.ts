import { randomBytes, randomUUID } from 'node:crypto';

export interface RequestIds {
  /** A UUID: `x-amzn-RequestId`. */
  readonly requestId: string;
  /** `x-amz-id-2`; AWS's is 96 characters of base64, and means nothing to a caller. */
  readonly extendedId: string;
}

const host = randomBytes(48).toString('base64');

/** The extended id is this process and the request: unique without random bytes of its own. */
export function nextRequestIds(): RequestIds {
  const requestId = randomUUID();
  return { requestId, extendedId: host + requestId.replaceAll('-', '') };
}

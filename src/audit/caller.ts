import type { AnsweredRequest } from '../protocol/observer.ts';

/** IAM's pattern: anything else, such as a secret in the wrong place, is not shown. */
const ACCESS_KEY_ID = /^\w{1,128}$/;

/** Who sent a request, for logs. */
export interface Caller {
  /** Undefined if the caller is not known: nobody signed the request, or its signature does not hold. */
  readonly principal: string | undefined;
  /** The key that the request names, whether or not its signature holds. */
  readonly accessKeyId: string | undefined;
}

export function callerOf({ principal, isAdmitted }: AnsweredRequest): Caller {
  const accessKeyId = shownKeyId(principal?.scope?.accessKeyId ?? principal?.identity.accessKeyId);
  const isKnown = isAdmitted && principal !== undefined && principal.identity.kind !== 'anonymous';
  return { principal: isKnown ? principal.identity.arn : undefined, accessKeyId };
}

function shownKeyId(accessKeyId: string | undefined): string | undefined {
  if (accessKeyId === undefined) return undefined;
  return ACCESS_KEY_ID.test(accessKeyId) ? accessKeyId : '(not an access key id)';
}

import { createAdmission } from '../../src/auth/admission.ts';
import { nobody } from '../../src/auth/identity.ts';
import type { Principal } from '../../src/auth/principal.ts';

/** As a server on loopback has it without settings. */
export const admit = createAdmission({ host: '127.0.0.1', allowedHosts: [], corsOrigins: [] });

/** What makes a request of curl's, or of a test's own, one that may change something. */
export function signedFor(service: string): { readonly authorization: string } {
  const credential = `test/20260101/us-east-1/${service}/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  };
}

/** Who calls an operation that a test calls without a request. */
export const principal: Principal = {
  isSigned: true,
  scope: undefined,
  identity: nobody('unverified', '000000000000'),
};

/** The same for a call with a document of JSON as its body. */
export function jsonFor(service: string): {
  readonly authorization: string;
  readonly 'content-type': string;
} {
  return { ...signedFor(service), 'content-type': 'application/json' };
}

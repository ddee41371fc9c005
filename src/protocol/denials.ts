import type { Denial, DenialKind } from '../auth/denial.ts';
import { ServiceError } from '../errors.ts';
import type { DenialFamily, ErrorCodes } from './protocol.ts';

type Code = readonly [code: string, status: number];
type Codes = Readonly<Record<DenialFamily, Code>>;
type SharedKind = 'access' | 'unavailable' | 'too-large' | 'no-room' | 'client-gone';
type OwnKind = Exclude<DenialKind, SharedKind>;

/** A signature that does not hold; S3 has codes of its own for some of the reasons. */
function wrong(s3: Code): Codes {
  return {
    json: ['InvalidSignatureException', 400],
    'rest-json': ['InvalidSignatureException', 403],
    query: ['SignatureDoesNotMatch', 403],
    s3,
  };
}

/** A signature that cannot be read. */
function incomplete(s3: Code): Codes {
  return {
    json: ['IncompleteSignatureException', 400],
    'rest-json': ['IncompleteSignatureException', 403],
    query: ['IncompleteSignature', 400],
    s3,
  };
}

/** Credentials that nobody has. */
function unknown(s3: Code): Codes {
  return {
    json: ['UnrecognizedClientException', 400],
    'rest-json': ['UnrecognizedClientException', 403],
    query: ['InvalidClientTokenId', 403],
    s3,
  };
}

const codes: Readonly<Record<OwnKind, Codes>> = {
  'unknown-key': unknown(['InvalidAccessKeyId', 403]),
  'invalid-token': unknown(['InvalidToken', 400]),
  'expired-token': {
    json: ['ExpiredTokenException', 400],
    'rest-json': ['ExpiredTokenException', 403],
    query: ['ExpiredToken', 403],
    s3: ['ExpiredToken', 400],
  },
  throttled: {
    json: ['ThrottlingException', 400],
    'rest-json': ['TooManyRequestsException', 429],
    query: ['Throttling', 400],
    s3: ['SlowDown', 503],
  },
  'wrong-signature': wrong(['SignatureDoesNotMatch', 403]),
  'wrong-scope': wrong(['AuthorizationHeaderMalformed', 400]),
  skewed: wrong(['RequestTimeTooSkewed', 403]),
  'expired-url': wrong(['AccessDenied', 403]),
  'unsigned-header': wrong(['AccessDenied', 403]),
  'wrong-hash': wrong(['XAmzContentSHA256Mismatch', 400]),
  incomplete: incomplete(['AuthorizationHeaderMalformed', 400]),
  'incomplete-query': incomplete(['AuthorizationQueryParametersError', 400]),
  'incomplete-form': incomplete(['InvalidArgument', 400]),
  'several-mechanisms': incomplete(['InvalidArgument', 400]),
  'unsupported-algorithm': incomplete(['NotImplemented', 501]),
  'unsupported-version': incomplete(['InvalidRequest', 400]),
  'missing-hash': incomplete(['InvalidRequest', 400]),
  'invalid-hash': incomplete(['InvalidArgument', 400]),
};

/** The error for a request that is not admitted. */
export function denialError(
  { kind, message, fields = {} }: Denial,
  errors: Pick<ErrorCodes, 'denials' | 'accessDenied' | 'tooLarge' | 'serialization'>,
): ServiceError {
  if (isShared(kind)) {
    const shared: Readonly<Record<SharedKind, Code>> = {
      access: [errors.accessDenied, 403],
      'too-large': [errors.tooLarge, 413],
      unavailable: ['ServiceUnavailable', 503],
      'no-room': ['ServiceUnavailable', 503],
      'client-gone': [errors.serialization, 400],
    };
    return new ServiceError(shared[kind][0], message, shared[kind][1]);
  }
  const [code, status] = codes[kind][errors.denials];
  return new ServiceError(code, message, status, errors.denials === 's3' ? fields : {});
}

function isShared(kind: DenialKind): kind is SharedKind {
  return !Object.hasOwn(codes, kind);
}

/** The same where no service is known, in the codes of the JSON protocols. */
export function denialOfJson(denial: Denial): ServiceError {
  return denialError(denial, {
    denials: 'json',
    accessDenied: 'AccessDeniedException',
    tooLarge: 'RequestEntityTooLargeException',
    serialization: 'SerializationException',
  });
}

import { exitCodes } from '../terminal.ts';

const NOT_FOUND = /NotFound|NoSuch|NonExistentQueue|QueueDoesNotExist/;
const THROTTLED = /Throttl|ThroughputExceeded|TooManyRequests|SlowDown|LimitExceeded|RequestLimit/;
const UNAUTHORISED =
  /AccessDenied|NotAuthorized|Unauthorized|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|ExpiredToken|InvalidAccessKeyId|OptInRequired/;

/** The exit code for an error code of AWS. */
export function exitCodeOf(code: string) {
  if (NOT_FOUND.test(code)) return exitCodes.notFound;
  if (THROTTLED.test(code)) return exitCodes.throttled;
  return UNAUTHORISED.test(code) ? exitCodes.unauthorised : exitCodes.failed;
}

/** Which names exist, by the service, or what of it, that does not know one. */
const LISTS: Readonly<Record<string, string>> = {
  kinesis: 'nagare stream ls',
  lambda: 'nagare function ls',
  mapping: 'nagare mapping ls',
  firehose: 'nagare delivery ls',
  listlog: 'nagare list-log ls',
  monitoring: 'nagare alarm ls',
  sqs: 'nagare queue ls',
  sns: 'nagare topic ls',
  s3: 'nagare bucket ls',
};

/** The command that helps after an error. */
export function remedyFor(code: string, service: string): string | undefined {
  if (code === 'NoSuchKey') return 'nagare object ls BUCKET';
  const exitCode = exitCodeOf(code);
  if (exitCode === exitCodes.notFound) return LISTS[service];
  if (exitCode === exitCodes.throttled && service === 'kinesis') return 'nagare stream scale NAME --shards N';
  return exitCode === exitCodes.unauthorised ? 'nagare env' : undefined;
}

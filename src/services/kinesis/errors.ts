import { ServiceError } from '../../errors.ts';

/** The errors of Kinesis, in AWS's wording where it is known. */

export function streamNotFound(name: string, accountId: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Stream ${name} under account ${accountId} not found.`,
  );
}

export function streamExists(name: string, accountId: string): ServiceError {
  return new ServiceError(
    'ResourceInUseException',
    `Stream ${name} under account ${accountId} already exists.`,
  );
}

export function streamNotActive(name: string, accountId: string, status: string): ServiceError {
  return new ServiceError(
    'ResourceInUseException',
    `Stream ${name} under account ${accountId} not ACTIVE, instead in state ${status}`,
  );
}

/** The shard in the request is not in the stream, in the wording of the control operations. */
export function shardNotFound(shardId: string, stream: string, accountId: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Could not find shard ${shardId} in stream ${stream} under account ${accountId}.`,
  );
}

/** The same, in the wording of the read operations. */
export function shardDoesNotExist(shardId: string, stream: string, accountId: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Shard ${shardId} in stream ${stream} under account ${accountId} does not exist`,
  );
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

export function resourceInUse(message: string): ServiceError {
  return new ServiceError('ResourceInUseException', message);
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', message);
}

export function invalidIterator(): ServiceError {
  return invalidArgument('Invalid ShardIterator.');
}

export function expiredIterator(createdMs: number, nowMs: number, toleratedMs: number): ServiceError {
  return new ServiceError(
    'ExpiredIteratorException',
    `Iterator expired. The iterator was created at time ${amzTime(createdMs)} while right now it is ` +
      `${amzTime(nowMs)} which is further in the future than the tolerated delay of ${toleratedMs} milliseconds.`,
  );
}

export function expiredNextToken(createdMs: number, nowMs: number, toleratedMs: number): ServiceError {
  return new ServiceError(
    'ExpiredNextTokenException',
    `NextToken expired. The token was created at time ${amzTime(createdMs)} while right now it is ` +
      `${amzTime(nowMs)} which is further in the future than the tolerated delay of ${toleratedMs} milliseconds.`,
  );
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message);
}

/** The shard's read or write rate is exceeded. */
export function shardRateExceeded(shardId: string, stream: string, accountId: string): ServiceError {
  return new ServiceError(
    'ProvisionedThroughputExceededException',
    `Rate exceeded for shard ${shardId} in stream ${stream} under account ${accountId}.`,
  );
}

/** The call rate of an operation is exceeded. */
export function callRateExceeded(stream: string | undefined, accountId: string): ServiceError {
  return limitExceeded(
    `Rate exceeded for ${stream === undefined ? '' : `stream ${stream} under `}account ${accountId}.`,
  );
}

/** For bounds that are not in the model. `constraint` is as in AWS's sentence on one violated constraint. */
export function violatedConstraint(value: string, path: string, constraint: string): ServiceError {
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value${value} at '${path}' failed to satisfy constraint: ${constraint}`,
  );
}

export function validation(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** The request is valid, and DryRun asks for nothing more. */
export function dryRun(): ServiceError {
  return new ServiceError(
    'DryRunOperationException',
    'Request would have succeeded, but DryRun parameter was specified.',
  );
}

export function noSpaceLeft(): ServiceError {
  return new ServiceError('InternalFailure', 'The record could not be stored: no space left on device.', 500);
}

export function tooBusy(): ServiceError {
  return new ServiceError('ServiceUnavailable', 'Too many bytes are waiting to be stored. Try again.', 503);
}

/** A retry of a put whose records have expired since: only the fact that it was stored is known. */
export function recordsExpired(stream: string): ServiceError {
  return resourceNotFound(`The shards of stream ${stream} that took the records of this call have expired.`);
}

export function keyUnavailable(message: string): ServiceError {
  return new ServiceError('KMSAccessDeniedException', message);
}

/** `Thu Jan 22 01:22:02 UTC 2015` */
function amzTime(timeMs: number): string {
  const [day = '', date, month, year, time] = new Date(timeMs).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date} ${time} UTC ${year}`;
}

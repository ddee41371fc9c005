import { ServiceError } from '../../../errors.ts';

/** Errors of the event source mapping operations, with AWS's messages where AWS has one. */

function userError(code: string, message: string, status: number): ServiceError {
  return new ServiceError(code, message, status, { Type: 'User' });
}

function invalidParameter(message: string): ServiceError {
  return userError('InvalidParameterValueException', message, 400);
}

export const unrecognizedEventSource = (): ServiceError => invalidParameter('Unrecognized event source.');

export const unsupportedEventSource = (arn: string): ServiceError =>
  invalidParameter(
    `nagare does not support ${arn} as an event source yet; it supports streams (arn:aws:kinesis:<region>:<account>:stream/<name>) and queues (arn:aws:sqs:<region>:<account>:<name>)`,
  );

export const streamNotFound = (arn: string): ServiceError => invalidParameter(`Stream not found: ${arn}`);

export const consumerNotFound = (arn: string): ServiceError => invalidParameter(`Consumer not found: ${arn}`);

export const functionDoesNotExist = (): ServiceError => invalidParameter('Function does not exist');

export const unsupportedOption = (option: string): ServiceError =>
  invalidParameter(`nagare does not support ${option} yet`);

export const invalidDeclaration = (violations: string): ServiceError => invalidParameter(violations);

export const startingPositionMissing = (): ServiceError =>
  invalidParameter(
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
  );

export const timestampMissing = (): ServiceError =>
  invalidParameter('StartingPositionTimestamp must be given with StartingPosition AT_TIMESTAMP.');

export const timestampNotWanted = (): ServiceError =>
  invalidParameter('Timestamp only valid with StartingPosition AT_TIMESTAMP');

export const timestampInvalid = (): ServiceError =>
  invalidParameter(
    'Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp',
  );

export const timestampInFuture = (): ServiceError =>
  invalidParameter('StartingPositionTimestamp must not be in the future.');

export const recordAgeOutOfRange = (seconds: number): ServiceError =>
  invalidParameter(`MaximumRecordAgeInSeconds must be -1 or between 60 and 604800, but is ${seconds}.`);

/** AWS's message, with the rule that the pattern breaks. */
export const invalidFilterPattern = (rule: string): ServiceError =>
  invalidParameter(`Invalid filter pattern definition. ${rule}`);

export const tooManyFilters = (most: number): ServiceError =>
  invalidParameter(`FilterCriteria may have at most ${most} filters.`);

export const onSuccessUnsupported = (): ServiceError =>
  invalidParameter('Unsupported DestinationConfig parameter for given event source mapping type.');

export const windowsInParallel = (): ServiceError =>
  invalidParameter('Tumbling windows are not supported with a ParallelizationFactor greater than 1.');

export const sequenceNumberMissing = (): ServiceError =>
  invalidParameter('SequenceNumber must be given with StartingPosition AT_SEQUENCE_NUMBER.');

export const sequenceNumberUnknown = (sequenceNumber: string): ServiceError =>
  invalidParameter(`The shard has no sequence number ${sequenceNumber}.`);

export const shardNeeded = (): ServiceError =>
  invalidParameter('ShardId must be given with SequenceNumber, unless the stream has one shard.');

export const shardUnknown = (shardId: string): ServiceError =>
  invalidParameter(`The stream has no shard ${shardId}.`);

/** Metrics of other kinds of sources. */
export const metricsUnsupported = (): ServiceError =>
  invalidParameter('Unsupported MetricsConfig parameter for given event source mapping type.');

export const destinationUnsupported = (arn: string): ServiceError =>
  invalidParameter(`nagare does not support ${arn} as a destination yet`);

export const invalidMarker = (): ServiceError => invalidParameter('The marker is not valid.');

export const mappingNotFound = (): ServiceError =>
  userError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);

/** Of another kind of source. */
export const unsupportedParameter = (parameter: string): ServiceError =>
  invalidParameter(`Unsupported ${parameter} parameter for given event source mapping type.`);

export const startNotForQueues = (parameter: string): ServiceError =>
  invalidParameter(`${parameter} is not valid for SQS event sources.`);

export const batchSizeNeedsWindow = (): ServiceError =>
  invalidParameter(
    'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
  );

export const windowNotForFifo = (): ServiceError =>
  invalidParameter('Batching window is not supported for FIFO queues');

export const batchTooLargeForFifo = (): ServiceError =>
  invalidParameter('Batch size must be at most 10 for FIFO queues');

export const visibilityTooShort = (visibilitySeconds: number, timeoutSeconds: number): ServiceError =>
  invalidParameter(
    `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
  );

export const queueNotFound = (): ServiceError =>
  invalidParameter(
    'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
  );

/** For what nagare adds to mappings of streams. */
export const hasNoPositions = (): ServiceError =>
  invalidParameter('A mapping of a queue has no positions: messages are deleted one by one.');

export const queueMappingExists = (queueArn: string, functionName: string, uuid: string): ServiceError =>
  userError(
    'ResourceConflictException',
    `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${functionName} ") already exists. ` +
      `Please update or delete the existing mapping with UUID ${uuid}`,
    409,
  );

export const mappingExists = (streamArn: string, functionName: string, uuid: string): ServiceError =>
  userError(
    'ResourceConflictException',
    `The event source arn (" ${streamArn} ") and function (" ${functionName} ") provided mapping already exists. ` +
      `Please update or delete the existing mapping with UUID ${uuid}`,
    409,
  );

export const mappingInUse = (): ServiceError =>
  userError('ResourceInUseException', 'Cannot update the event source mapping because it is in use.', 400);

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
    `nagare does not support ${arn} as an event source yet; streams have ARNs of the form arn:aws:kinesis:<region>:<account>:stream/<name>`,
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
  invalidParameter('StartingPositionTimestamp is only valid with StartingPosition AT_TIMESTAMP.');

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

export const destinationUnsupported = (arn: string): ServiceError =>
  invalidParameter(`nagare does not support ${arn} as a destination yet`);

export const invalidMarker = (): ServiceError => invalidParameter('The marker is not valid.');

export const mappingNotFound = (): ServiceError =>
  userError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);

export const mappingExists = (streamArn: string, functionName: string, uuid: string): ServiceError =>
  userError(
    'ResourceConflictException',
    `The event source arn (" ${streamArn} ") and function (" ${functionName} ") provided mapping already exists. ` +
      `Please update or delete the existing mapping with UUID ${uuid}`,
    409,
  );

export const mappingInUse = (): ServiceError =>
  userError('ResourceInUseException', 'Cannot update the event source mapping because it is in use.', 400);

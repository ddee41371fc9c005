import { ServiceError } from '../../errors.ts';

/** The errors of CloudWatch Logs, in AWS's wording where it is known. */

export const groupNotFound = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');

export const streamNotFound = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');

export const unsupportedOption = (option: string): ServiceError =>
  new ServiceError('InvalidParameterException', `nagare does not support ${option} yet`);

export const invalidToken = (): ServiceError =>
  new ServiceError('InvalidParameterException', 'The specified nextToken is invalid.');

export const groupMissing = (): ServiceError =>
  new ServiceError('InvalidParameterException', 'Either logGroupName or logGroupIdentifier is required.');

export const groupTwice = (): ServiceError =>
  new ServiceError(
    'ValidationException',
    'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
  );

export const prefixAndNames = (): ServiceError =>
  new ServiceError(
    'InvalidParameterException',
    'You cannot specify both logStreamNames and logStreamNamePrefix in the same request.',
  );

export const prefixOrderedByTime = (): ServiceError =>
  new ServiceError('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');

export const groupExists = (): ServiceError =>
  new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists');

export const streamExists = (): ServiceError =>
  new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');

export const limitExceeded = (): ServiceError =>
  new ServiceError('LimitExceededException', 'Resource limit exceeded.');

export const conflicting = (): ServiceError =>
  new ServiceError(
    'OperationAbortedException',
    'A conflicting operation is currently in progress against this resource. Please try again.',
  );

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError('InvalidParameterException', message);

/** The events of a request could not be stored. */
export const unavailable = (): ServiceError =>
  new ServiceError('ServiceUnavailableException', 'The service cannot complete the request.', 503);

export const tooManyTags = (arn: string): ServiceError =>
  new ServiceError('TooManyTagsException', 'A log group has at most 50 tags.', 400, { resourceName: arn });

export const tailSessionsExceeded = (): ServiceError =>
  new ServiceError('LimitExceededException', 'Too many Live Tail sessions are open.');

export const sessionTimedOut = (): ServiceError =>
  new ServiceError('SessionTimeoutException', 'The session timed out after three hours.');

export const tailNamesAndPrefixes = (): ServiceError =>
  new ServiceError(
    'InvalidParameterException',
    'You cannot specify both logStreamNames and logStreamNamePrefixes in the same request.',
  );

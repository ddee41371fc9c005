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
    'InvalidParameterException',
    'LogGroupName and LogGroupIdentifier cannot be used together in the same request.',
  );

export const prefixAndNames = (): ServiceError =>
  new ServiceError(
    'InvalidParameterException',
    'You cannot specify both logStreamNames and logStreamNamePrefix in the same request.',
  );

export const prefixOrderedByTime = (): ServiceError =>
  new ServiceError('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');

import { ServiceError } from '../../errors.ts';

export const listLogNotFound = (name: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `There is no list log ${name}.`, 400);

export const listLogInUse = (message: string): ServiceError =>
  new ServiceError('ResourceInUseException', message);

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError('InvalidParameterValueException', message);

export const limitExceeded = (message: string): ServiceError =>
  new ServiceError('LimitExceededException', message);

export const declaredTwice = (other: string, target: { readonly bucket: string; readonly key: string }) =>
  listLogInUse(
    `the list log ${other} is also declared with s3://${target.bucket}/${target.key}: each list log needs an object of its own`,
  );

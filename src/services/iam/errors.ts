import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { ServiceError } from '../../errors.ts';

/** IAM's errors, by the codes that clients see. */

export const noSuchEntity = (message: string): ServiceError => new ServiceError('NoSuchEntity', message, 404);

export const policyNotFound = (arn: string): ServiceError => noSuchEntity(`Policy ${arn} was not found.`);

export const policyNotAttachable = (arn: string): ServiceError =>
  noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);

export const versionNotFound = (arn: string, versionId: string): ServiceError =>
  noSuchEntity(`Policy ${arn} version ${versionId} does not exist or is not attachable.`);

export const accessKeyNotFound = (accessKeyId: string): ServiceError =>
  noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);

export const loginProfileNotFound = (userName: string): ServiceError =>
  noSuchEntity(`Login Profile for User ${userName} cannot be found.`);

export const alreadyExists = (message: string): ServiceError =>
  new ServiceError('EntityAlreadyExists', message, 409);

export const deleteConflict = (message: string): ServiceError =>
  new ServiceError('DeleteConflict', message, 409);

export const limitExceeded = (message: string): ServiceError =>
  new ServiceError('LimitExceeded', message, 409);

export const quotaExceeded = (quota: string, max: number): ServiceError =>
  limitExceeded(`Cannot exceed quota for ${quota}: ${max}`);

/** As on AWS, for temporary credentials that IAM does not accept. */
export const invalidSessionToken = (): ServiceError =>
  new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid', 403);

export const invalidInput = (message: string): ServiceError => new ServiceError('InvalidInput', message);

export const validationError = (message: string): ServiceError =>
  new ServiceError('ValidationError', message);

export const unmodifiable = (message: string): ServiceError =>
  new ServiceError('UnmodifiableEntity', message);

export const accessDenied = (message: string): ServiceError => new ServiceError('AccessDenied', message, 403);

/** Calls `parse` and gives an invalid document the code of its operation. */
export function orMalformed<Result>(parse: () => Result, code = 'MalformedPolicyDocument'): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedPolicyError) throw new ServiceError(code, error.message);
    throw error;
  }
}

import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { ServiceError } from '../../errors.ts';

/** STS's errors, by the codes that clients see. */

export const accessDenied = (message: string): ServiceError => new ServiceError('AccessDenied', message, 403);

export const validationError = (message: string): ServiceError =>
  new ServiceError('ValidationError', message);

/** Throws ValidationError for a size that pads session tokens; 0 does not. */
export function refuseTokenSize(size: number | undefined): void {
  if (size !== undefined && size > 0) throw unsupportedOption('MinimumSessionTokenSize');
}

/** An unsupported option, refused by name. */
export const unsupportedOption = (option: string): ServiceError =>
  validationError(`nagare does not support ${option}`);

export const packedPolicyTooLarge = (message: string): ServiceError =>
  new ServiceError('PackedPolicyTooLarge', message);

export const invalidIdentityToken = (message: string): ServiceError =>
  new ServiceError('InvalidIdentityToken', message);

export const expiredToken = (message: string): ServiceError =>
  new ServiceError('ExpiredTokenException', message);

export const idpCommunicationError = (message: string): ServiceError =>
  new ServiceError('IDPCommunicationError', message);

/** Calls `parse` and converts the error for an invalid policy. */
export function orMalformed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      throw new ServiceError('MalformedPolicyDocument', error.message);
    }
    throw error;
  }
}

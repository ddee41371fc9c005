import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { ServiceError } from '../../errors.ts';

/** STS's errors, by the codes that clients see. */

export const accessDenied = (message: string): ServiceError => new ServiceError('AccessDenied', message, 403);

export const validationError = (message: string): ServiceError =>
  new ServiceError('ValidationError', message);

/** An unsupported option, refused by name. */
export const unsupportedOption = (option: string): ServiceError =>
  validationError(`nagare does not support ${option}`);

export const packedPolicyTooLarge = (message: string): ServiceError =>
  new ServiceError('PackedPolicyTooLarge', message);

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

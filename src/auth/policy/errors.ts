/** A document is not a valid policy. The messages are those of IAM's MalformedPolicyDocument. */
export class MalformedPolicyError extends Error {
  override readonly name = 'MalformedPolicyError';
}

export const syntaxError = (): MalformedPolicyError => new MalformedPolicyError('Syntax errors in policy.');

/** IAM's message for values that its older parser refuses. */
export const legacyParsingError = (): MalformedPolicyError =>
  new MalformedPolicyError('The policy failed legacy parsing');

import { MalformedPolicyError } from '../../../auth/policy/errors.ts';
import { parsePolicy } from '../../../auth/policy/parse-policy.ts';
import { kinesisLimits } from '../limits.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Checks that a text is a resource policy for `arn`: a valid policy document with Kinesis' actions, and exactly this
 * resource. Throws InvalidArgumentException with the reason.
 */
export function checkPolicy(text: string, arn: string): void {
  if (Buffer.byteLength(text) > kinesisLimits.policyBytesMax) {
    throw malformed(`it is larger than ${kinesisLimits.policyBytesMax} bytes`);
  }
  for (const { actions, resources } of parse(text).statements) {
    const foreign = actions.patterns.find((action) => action !== '*' && !/^kinesis:[a-z*?]+$/i.test(action));
    if (foreign !== undefined) throw malformed(`${foreign} is not an action of Kinesis`);
    const other = resources?.patterns.find((resource) => resource !== arn);
    if (other !== undefined) {
      throw malformed(`the Resource ${other} is not the one that it is attached to`);
    }
  }
}

function parse(text: string) {
  try {
    return parsePolicy(text, 'resource');
  } catch (error) {
    if (error instanceof MalformedPolicyError) throw malformed(error.message);
    throw error;
  }
}

function malformed(reason: string) {
  return invalidArgument(`The resource policy is malformed: ${reason}${reason.endsWith('.') ? '' : '.'}`);
}

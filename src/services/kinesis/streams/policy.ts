import { kinesisLimits } from '../limits.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Checks that a text is a resource policy for `arn`: the form of IAM's policies, Kinesis' actions, and exactly this
 * resource. Throws InvalidArgumentException with the reason.
 */
export function checkPolicy(text: string, arn: string): void {
  if (Buffer.byteLength(text) > kinesisLimits.policyBytesMax) {
    throw malformed(`it is larger than ${kinesisLimits.policyBytesMax} bytes`);
  }
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
  if (!isObject(policy)) throw malformed('it is not an object');
  const { Version, Statement } = policy;
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    throw malformed(`${JSON.stringify(Version)} is not a Version of the policy language`);
  }
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0) throw malformed('it has no Statement');
  for (const statement of statements) checkStatement(statement, arn);
}

function checkStatement(statement: unknown, arn: string): void {
  if (!isObject(statement)) throw malformed('a Statement is not an object');
  if (statement['Effect'] !== 'Allow' && statement['Effect'] !== 'Deny') {
    throw malformed('the Effect of a Statement is neither Allow nor Deny');
  }
  if (statement['Principal'] === undefined && statement['NotPrincipal'] === undefined) {
    throw malformed('a Statement has no Principal');
  }
  const actions = texts(statement['Action'] ?? statement['NotAction']);
  if (actions === undefined) throw malformed('a Statement has no Action');
  const foreign = actions.find((action) => action !== '*' && !/^kinesis:[A-Za-z*?]+$/.test(action));
  if (foreign !== undefined) throw malformed(`${foreign} is not an action of Kinesis`);
  const resources = texts(statement['Resource'] ?? statement['NotResource']);
  if (resources === undefined) throw malformed('a Statement has no Resource');
  const other = resources.find((resource) => resource !== arn);
  if (other !== undefined) throw malformed(`the Resource ${other} is not the one that it is attached to`);
}

function malformed(reason: string) {
  return invalidArgument(`The resource policy is malformed: ${reason}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One string or several; undefined for anything else and for an empty list. */
function texts(value: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const strings = list.filter((entry) => typeof entry === 'string');
  return strings.length === list.length && list.length > 0 ? strings : undefined;
}

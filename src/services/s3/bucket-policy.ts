import { ComparisonSteps } from '../../auth/policy/comparison-steps.ts';
import type { Condition, Selection, Statement } from '../../auth/policy/document.ts';
import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { parsePolicy } from '../../auth/policy/parse-policy.ts';
import { requestContext, type RequestContext } from '../../auth/policy/request-context.ts';
import { TextPattern } from '../../auth/policy/text-pattern.ts';
import { ALL_BLOCKED } from './bucket-defaults.ts';
import type { BucketInfo } from './embedded/bucket-info.ts';
import { malformedPolicy, publicPolicyBlocked } from './errors.ts';
import { s3Limits } from './limits.ts';

const prefix = 'arn:aws:s3:::';

/** Checks a policy for the bucket. Throws MalformedPolicy, in S3's words. */
export function checkBucketPolicy(text: string, bucket: string): readonly Statement[] {
  if (!text.startsWith('{')) {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  const statements = statementsOf(text);
  const most = s3Limits.bucketPolicyBytesMax;
  if (Buffer.byteLength(JSON.stringify(JSON.parse(text))) > most) {
    throw malformedPolicy(`Normalized policy document exceeds the maximum allowed size of ${most} bytes`);
  }
  for (const { actions, resources } of statements) {
    if (actions.patterns.some((action) => action !== '*' && !/^s3:[a-z*?]+$/i.test(action))) {
      throw malformedPolicy('Policy has invalid action');
    }
    const paths = (resources?.patterns ?? []).map((resource) => pathIn(resource, bucket));
    checkActions(actions, paths);
  }
  return statements;
}

function statementsOf(text: string): readonly Statement[] {
  try {
    return parsePolicy(text, 'resource').statements;
  } catch (error) {
    throw error instanceof MalformedPolicyError ? malformedPolicy(messageOf(error)) : error;
  }
}

/** S3 has its own words for some of the reasons. */
function messageOf({ message }: MalformedPolicyError): string {
  if (message.startsWith('Invalid principal in policy')) return 'Invalid principal in policy';
  if (/^(?:Actions|Vendor)/.test(message)) return 'Policy has invalid action';
  if (message === 'Policy statement must contain actions.') return 'Missing required field Action';
  if (message === 'Policy statement must contain resources.') return 'Missing required field Resource';
  return /resource/i.test(message) ? 'Policy has invalid resource' : message;
}

/** Names of buckets are short, so comparisons with them are not counted. */
function withoutKeys(): RequestContext {
  return requestContext([], new ComparisonSteps(Infinity));
}

/** What of the bucket a resource names: the bucket itself, its objects, or perhaps both. */
type Path = 'bucket' | 'objects' | 'both';

function pathIn(resource: string, bucket: string): Path {
  const [name = '', ...key] = resource.slice(prefix.length).split('/');
  const pattern = TextPattern.of(name, { wildcards: true, variables: false, ignoreCase: false });
  if (!resource.startsWith(prefix) || !pattern.matches(bucket, withoutKeys())) {
    throw malformedPolicy('Policy has invalid resource');
  }
  if (key.length > 0) return 'objects';
  return name.endsWith('*') ? 'both' : 'bucket';
}

const objectAction =
  /^s3:(?:(?!.*bucket).*object|abortmultipartupload|bypassgovernanceretention|listmultipartuploadparts|replicate(?:delete|tags))/i;

/** Each action must have something to apply to. */
function checkActions({ negated, patterns }: Selection<string>, paths: readonly Path[]): void {
  if (negated) return;
  for (const action of patterns) {
    if (/[*?]/.test(action)) continue;
    const needed: Path = objectAction.test(action) ? 'objects' : 'bucket';
    if (!paths.some((path) => path === needed || path === 'both')) {
      throw malformedPolicy('Action does not apply to any resource(s) in statement');
    }
  }
}

/**
 * Whether a policy gives access to everyone. As on AWS it does not if a condition restricts each such statement to fixed
 * addresses, accounts, organizations or sources.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublic(statements: readonly Statement[]): boolean {
  return statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' &&
      principals !== undefined &&
      (principals.negated || principals.patterns.some(({ value }) => value === '*')) &&
      !conditions.some(isFixed),
  );
}

/** Refuses a public policy that the bucket's public access block does not allow. Throws AccessDenied. */
export function refuseBlockedPolicy(
  { publicAccessBlock = ALL_BLOCKED }: Pick<BucketInfo, 'publicAccessBlock'>,
  statements: readonly Statement[],
  bucket: string,
): void {
  if (publicAccessBlock?.['BlockPublicPolicy'] === true && isPublic(statements)) {
    throw publicPolicyBlocked(bucket);
  }
}

const fixingKeys = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
]);

function isFixed({ operator, key, values }: Condition): boolean {
  if (operator.ifExists || operator.quantifier === 'all' || !fixingKeys.has(key.toLowerCase())) return false;
  if (operator.base === 'IpAddress') return values.every((value) => !isWide(value));
  if (!/^(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)$/.test(operator.base))
    return false;
  return values.every((value) => !/[*?]|\$\{/.test(value));
}

/** AWS takes ranges of more than a /8 (IPv6: /32) for public. */
function isWide(range: string): boolean {
  const [address = '', bits] = range.split('/');
  return bits !== undefined && Number(bits) < (address.includes(':') ? 32 : 8);
}

/**
 * The policy in force. RestrictPublicBuckets limits a public policy to services and the bucket's own account: as a
 * statement, so that evaluating the policy needs nothing else.
 */
export function policyInForce(
  { policy, publicAccessBlock = ALL_BLOCKED }: Pick<BucketInfo, 'policy' | 'publicAccessBlock'>,
  bucket: string,
  accountId: string,
): string | undefined {
  if (policy === undefined || publicAccessBlock?.['RestrictPublicBuckets'] !== true) return policy;
  if (!isPublic(parsePolicy(policy, 'resource').statements)) return policy;
  // It was checked when it was stored.
  const document = JSON.parse(policy) as { readonly Statement: unknown };
  const statements: readonly unknown[] = Array.isArray(document.Statement)
    ? document.Statement
    : [document.Statement];
  const restriction = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [`${prefix}${bucket}`, `${prefix}${bucket}/*`],
    Condition: {
      StringNotEquals: { 'aws:PrincipalAccount': accountId },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  };
  return JSON.stringify({ ...document, Statement: [...statements, restriction] });
}

/** The bucket of a bucket's or an object's ARN. */
export function bucketOfArn(arn: string): string | undefined {
  return arn.startsWith(prefix) ? arn.slice(prefix.length).split('/', 1)[0] : undefined;
}

import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  LogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { invalidToken, unsupportedOption } from '../errors.ts';
import type { LogGroup as KeptGroup } from '../log-group.ts';

const LISTED_MAX = 50;

/**
 * Lists the log groups of all functions that have ever run, ordered by name.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 */
export async function describeLogGroups(
  context: LogsContext,
  input: Checked<DescribeLogGroupsRequest>,
): Promise<DescribeLogGroupsResponse> {
  if (input.accountIdentifiers !== undefined) throw unsupportedOption('accountIdentifiers');
  if (input.includeLinkedAccounts === true) throw unsupportedOption('includeLinkedAccounts');
  if (input.logGroupIdentifiers !== undefined) throw unsupportedOption('logGroupIdentifiers');
  const {
    logGroupNamePrefix: prefix = '',
    logGroupNamePattern: pattern = '',
    logGroupClass = 'STANDARD',
  } = input;
  const after = input.nextToken === undefined ? '' : parseToken(input.nextToken);
  const found = context.logs
    .all()
    .filter(({ name }) => logGroupClass === 'STANDARD' && name > after)
    .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(pattern.toLowerCase()));
  const listed = found.slice(0, input.limit ?? LISTED_MAX);
  const last = listed.at(-1);
  return {
    logGroups: await Promise.all(listed.map((group) => describe(context, group))),
    ...(found.length > listed.length && last !== undefined
      ? { nextToken: Buffer.from(last.name).toString('base64url') }
      : {}),
  };
}

async function describe({ region, accountId }: LogsContext, group: KeptGroup): Promise<LogGroup> {
  const arn = `arn:aws:logs:${region}:${accountId}:log-group:${group.name}`;
  return {
    logGroupName: group.name,
    creationTime: await group.createdMs(),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: await group.storedBytes(),
    logGroupClass: 'STANDARD',
    logGroupArn: arn,
  };
}

function parseToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (!name.startsWith('/aws/lambda/')) throw invalidToken();
  return name;
}

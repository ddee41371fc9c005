import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  LogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsReads } from '../context.ts';
import { invalidParameter, invalidToken, unsupportedOption } from '../errors.ts';
import type { LogGroupRow } from '../log-list.ts';
import { groupArn } from '../request.ts';

const LISTED_MAX = 50;

/**
 * Lists log groups, ordered by name. All are of the class STANDARD.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 */
export async function describeLogGroups(
  context: LogsReads,
  input: Checked<DescribeLogGroupsRequest>,
): Promise<DescribeLogGroupsResponse> {
  if (input.accountIdentifiers !== undefined) throw unsupportedOption('accountIdentifiers');
  if (input.includeLinkedAccounts === true) throw unsupportedOption('includeLinkedAccounts');
  if (input.logGroupIdentifiers !== undefined) throw unsupportedOption('logGroupIdentifiers');
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern = '', logGroupClass } = input;
  if (prefix !== undefined && input.logGroupNamePattern !== undefined) {
    throw invalidParameter(
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    );
  }
  const after = input.nextToken === undefined ? '' : parseToken(input.nextToken);
  await context.logs.allSettled();
  const found = [...context.logs.rows(prefix)].filter(
    ({ name }) =>
      (logGroupClass === undefined || logGroupClass === 'STANDARD') &&
      name > after &&
      name.toLowerCase().includes(pattern.toLowerCase()),
  );
  const listed = found.slice(0, input.limit ?? LISTED_MAX);
  const last = listed.at(-1);
  return {
    logGroups: await Promise.all(listed.map((row) => describe(context, row))),
    ...(found.length > listed.length && last !== undefined
      ? { nextToken: Buffer.from(last.name).toString('base64url') }
      : {}),
  };
}

async function describe(
  context: LogsReads,
  { name, createdMs, retentionDays }: LogGroupRow,
): Promise<LogGroup> {
  const arn = groupArn(context, name);
  return {
    logGroupName: name,
    creationTime: createdMs,
    ...(retentionDays === undefined ? {} : { retentionInDays: retentionDays }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: (await context.logs.find(name)?.storedBytes()) ?? 0,
    logGroupClass: 'STANDARD',
    logGroupArn: arn,
    deletionProtectionEnabled: false,
  };
}

function parseToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (!/^[\w.\-/#]+$/.test(name)) throw invalidToken();
  return name;
}

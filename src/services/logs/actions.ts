import { formatArn, type RegionAndAccount } from '../../aws/arn.ts';
import {
  addedTags,
  type Authorization,
  type AuthorizationRule,
  requestTags,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';
import { type GroupInput, groupNameOf, groupNameOfArn, nameIn } from './request.ts';

interface StreamInput extends GroupInput {
  readonly logStreamName: string;
}

interface TagsInput extends GroupInput {
  readonly tags?: Tags;
}

interface ResourceInput {
  readonly resourceArn: string;
}

type Tags = Readonly<Record<string, string>>;

/**
 * What the operations of CloudWatch Logs need (service authorization reference, Amazon CloudWatch Logs). As on AWS, the
 * ARN of a group ends with an empty name of a stream, but for the operations on tags by ARN.
 */
export function logsAuthorization(
  place: RegionAndAccount,
  tagsOf: (groupName: string) => Tags | undefined,
): Authorization {
  const prefix = formatArn('logs', place, 'log-group:');
  const streamArn = (group: string, stream: string): string => `${prefix}${group}:log-stream:${stream}`;
  const groupOf = (input: GroupInput): string => streamArn(nameIn(input) ?? '', '');
  const onGroup: AuthorizationRule = groupOf;
  const onStream: AuthorizationRule = (input: StreamInput) =>
    streamArn(nameIn(input) ?? '', input.logStreamName);
  const withTags = (input: TagsInput) => ({ resource: groupOf(input), keys: requestTags(input.tags) });
  const tagged = ({ resourceArn }: ResourceInput): string => `${prefix}${groupNameOfArn(resourceArn)}`;
  const rules = {
    CreateLogGroup: (input: TagsInput) => [
      withTags(input),
      ...addedTags(`${prefix}${nameIn(input) ?? ''}`, requestTags(input.tags), 'logs:TagResource'),
    ],
    CreateLogStream: onStream,
    DeleteLogGroup: onGroup,
    DeleteLogStream: onStream,
    DeleteRetentionPolicy: onGroup,
    DescribeLogGroups: () => streamArn('', ''),
    DescribeLogStreams: onGroup,
    FilterLogEvents: onGroup,
    GetLogEvents: onStream,
    ListTagsForResource: tagged,
    ListTagsLogGroup: onGroup,
    PutLogEvents: onStream,
    PutRetentionPolicy: onGroup,
    StartLiveTail: ({ logGroupIdentifiers }: { readonly logGroupIdentifiers: readonly string[] }) =>
      logGroupIdentifiers.map((identifier) => streamArn(groupNameOf(identifier), '')),
    TagLogGroup: withTags,
    TagResource: (input: ResourceInput & { readonly tags: Tags }) => ({
      resource: tagged(input),
      keys: requestTags(input.tags),
    }),
    UntagLogGroup: (input: GroupInput & { readonly tags: readonly string[] }) => ({
      resource: groupOf(input),
      keys: tagKeys(input.tags),
    }),
    UntagResource: (input: ResourceInput & { readonly tagKeys: readonly string[] }) => ({
      resource: tagged(input),
      keys: tagKeys(input.tagKeys),
    }),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return {
    prefix: 'logs',
    rules,
    tagsOf: (resource) => tagsOf(resource.slice(prefix.length).split(':')[0] ?? ''),
  };
}

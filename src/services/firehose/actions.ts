import { formatArn, type RegionAndAccount } from '../../aws/arn.ts';
import {
  type Authorization,
  type AuthorizationRule,
  creationOf,
  type Need,
  onAll,
  passRole,
  requestTagList,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';

interface NameInput {
  readonly DeliveryStreamName: string;
}

interface TagsInput extends NameInput {
  readonly Tags?: readonly { readonly Key: string; readonly Value?: string }[];
}

type Tags = Readonly<Record<string, string>>;

/** What the operations of Firehose need (service authorization reference, Amazon Kinesis Firehose). */
export function firehoseAuthorization(
  place: RegionAndAccount,
  tagsOf: (name: string) => Tags | undefined,
): Authorization {
  const prefix = 'deliverystream/';
  const arnOf = (input: NameInput): string =>
    formatArn('firehose', place, `${prefix}${input.DeliveryStreamName}`);
  const onStream: AuthorizationRule = arnOf;
  const withTags = (input: TagsInput): Need => ({ resource: arnOf(input), keys: requestTagList(input.Tags) });
  const rules = {
    CreateDeliveryStream: (input: TagsInput) => [
      ...creationOf(arnOf(input), requestTagList(input.Tags), 'firehose:TagDeliveryStream'),
      ...rolesIn(input, arnOf(input)),
    ],
    DeleteDeliveryStream: onStream,
    DescribeDeliveryStream: onStream,
    FlushDeliveryStream: onStream,
    GetDeliveryStreamProgress: onStream,
    ListDeliveryStreams: onAll,
    ListTagsForDeliveryStream: onStream,
    PutRecord: onStream,
    PutRecordBatch: onStream,
    StartDeliveryStreamEncryption: onStream,
    StopDeliveryStreamEncryption: onStream,
    TagDeliveryStream: withTags,
    UntagDeliveryStream: (input: NameInput & { readonly TagKeys: readonly string[] }) => ({
      resource: arnOf(input),
      keys: tagKeys(input.TagKeys),
    }),
    UpdateDestination: (input: NameInput) => [arnOf(input), ...rolesIn(input, arnOf(input))],
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return {
    prefix: 'firehose',
    rules,
    tagsOf: (resource) => tagsOf(resource.slice(resource.lastIndexOf(prefix) + prefix.length)),
  };
}

/** `iam:PassRole` for each role in the configuration of source and destination. */
function rolesIn(input: object, resource: string): Need[] {
  const roles = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === 'RoleARN' && typeof member === 'string') roles.add(member);
      else collect(member);
    }
  };
  collect(input);
  return [...roles].flatMap((role) => passRole(role, 'firehose.amazonaws.com', resource));
}

import { parseArn } from '../../../aws/arn.ts';
import type { TaggedResource } from '../../../aws/tagged-resources.ts';
import { tagList } from '../../../aws/tags.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { GetResourcesInput, GetResourcesOutput, TagFilter } from '../api-types.ts';
import { type Handler, pageTokens, tokenIn } from '../context.ts';
import { invalidParameter, unsupportedOption } from '../errors.ts';
import { taggingLimits } from '../limits.ts';

/**
 * Lists resources that have tags, ordered by ARN. Unlike on AWS, a resource that has lost all its tags is not listed.
 * https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export const getResources: Handler<GetResourcesInput, GetResourcesOutput> = ({ tagged }, input) => {
  if (input.IncludeComplianceDetails === true) throw unsupportedOption('IncludeComplianceDetails');
  if (input.ExcludeCompliantResources === true) throw unsupportedOption('ExcludeCompliantResources');
  const { ResourceARNList: arns, TagFilters: filters = [], ResourceTypeFilters: types = [] } = input;
  if (
    arns !== undefined &&
    (types.length > 0 || filters.length > 0 || input.ResourcesPerPage !== undefined)
  ) {
    throw invalidParameter(
      'ResourceARNList cannot be specified together with other filters or ResourcesPerPage.',
    );
  }
  const found = tagged
    .all()
    .filter(({ arn, tags }) => Object.keys(tags).length > 0 && (arns?.includes(arn) ?? true))
    .filter(({ arn }) => types.length === 0 || types.some((type) => isOfType(arn, type)))
    .filter(({ tags }) => filters.every((filter) => hasTag(tags, filter)));
  const { items, nextToken = '' } = pageTokens.pageOf(
    'GetResources',
    found,
    ({ arn }) => arn,
    pageSize(input, found, tokenIn(input.PaginationToken)),
    tokenIn(input.PaginationToken),
  );
  return {
    PaginationToken: nextToken,
    ResourceTagMappingList: items.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: tagList(tags) })),
  };
};

/** `kinesis` is any resource of Kinesis, `kinesis:stream` a stream; topics and buckets have no type in their ARNs. */
function isOfType(arn: string, filter: string): boolean {
  const { service = '', resource = '' } = parseArn(arn) ?? {};
  const [wantedService, wantedType] = filter.toLowerCase().split(':');
  if (service !== wantedService) return false;
  if (wantedType === undefined) return true;
  const type = /^([a-z-]+)[:/]/.exec(resource)?.[1];
  if (service === 's3') return wantedType === 'bucket';
  if (service === 'sns') return wantedType === 'topic';
  // The ARN of a consumer begins with that of its stream.
  if (service === 'kinesis' && resource.includes('/consumer/')) return wantedType === 'consumer';
  return type === wantedType;
}

function hasTag(
  tags: TaggedResource['tags'],
  { Key: key, Values: values = [] }: Checked<TagFilter>,
): boolean {
  if (key === undefined || !Object.hasOwn(tags, key)) return false;
  return values.length === 0 || values.includes(tags[key] ?? '');
}

/** With TagsPerPage, as many resources as have that many tags together. */
function pageSize(
  { ResourcesPerPage, TagsPerPage }: Checked<GetResourcesInput>,
  found: readonly TaggedResource[],
  token: string | undefined,
): number {
  const { resourcesPerPageMax, tagsPerPageMax } = taggingLimits;
  if (ResourcesPerPage !== undefined) {
    if (ResourcesPerPage < 1 || ResourcesPerPage > resourcesPerPageMax) {
      throw invalidParameter(`ResourcesPerPage must be between 1 and ${resourcesPerPageMax}.`);
    }
    return ResourcesPerPage;
  }
  if (TagsPerPage === undefined) return resourcesPerPageMax;
  if (TagsPerPage < 100 || TagsPerPage > tagsPerPageMax || TagsPerPage % 100 !== 0) {
    throw invalidParameter(`TagsPerPage must be a multiple of 100 between 100 and ${tagsPerPageMax}.`);
  }
  const after = token === undefined ? '' : String(pageTokens.decode('GetResources', token));
  let room = TagsPerPage;
  let count = 0;
  for (const { tags } of found.filter(({ arn }) => arn > after)) {
    room -= Object.keys(tags).length;
    if (room < 0 && count > 0) break;
    count++;
  }
  return Math.max(1, count);
}

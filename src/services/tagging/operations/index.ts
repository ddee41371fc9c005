import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { TaggingContext } from '../context.ts';
import { getResources } from './get-resources.ts';
import { getTagKeys } from './get-tag-keys.ts';
import { getTagValues } from './get-tag-values.ts';
import { tagResources } from './tag-resources.ts';
import { untagResources } from './untag-resources.ts';

type OperationName = keyof typeof api.operations;

/** What a machine answers that follows the owner of a shared log. */
export const reads = {
  GetResources: getResources,
  GetTagKeys: getTagKeys,
  GetTagValues: getTagValues,
} satisfies Partial<OperationTable<TaggingContext, OperationName>>;

/** Operations of the Resource Groups Tagging API; reports and compliance are in unsupported.json. */
export const operations = {
  ...reads,
  TagResources: tagResources,
  UntagResources: untagResources,
} satisfies OperationTable<TaggingContext, OperationName>;

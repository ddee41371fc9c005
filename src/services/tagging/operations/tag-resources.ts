import type { FailedResources, TagResourcesInput } from '../api-types.ts';
import { changeTags } from '../change-tags.ts';
import type { Handler } from '../context.ts';

/** Adds or overwrites tags of up to 20 resources. */
export const tagResources: Handler<TagResourcesInput, FailedResources> = (
  context,
  { ResourceARNList, Tags },
  call,
) => changeTags(context, ResourceARNList, { added: Tags, removed: [] }, call);

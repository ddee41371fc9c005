import type { FailedResources, UntagResourcesInput } from '../api-types.ts';
import { changeTags } from '../change-tags.ts';
import type { Handler } from '../context.ts';

/** Removes tags of up to 20 resources. */
export const untagResources: Handler<UntagResourcesInput, FailedResources> = (
  context,
  { ResourceARNList, TagKeys },
  call,
) => changeTags(context, ResourceARNList, { added: {}, removed: TagKeys }, call);

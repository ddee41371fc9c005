import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import type { LambdaContext, LambdaReads } from './context.ts';
import { changeTags } from './tagged.ts';
import { withLambdaTags } from './tags.ts';

export function* taggedFunctions({ functions, mappings }: LambdaReads): Generator<TaggedResource> {
  for (const { name, tags } of functions.latest()) yield { arn: functions.arn(name), tags };
  for (const { arn, tags = {} } of mappings.rows()) yield { arn, tags };
}

/** The tags of functions and event source mappings. */
export function lambdaTags(context: LambdaContext): TagSource {
  return {
    resources: () => taggedFunctions(context),
    change: (arn, { added, removed }) =>
      changeTags(context, arn, (tags) => withLambdaTags(withoutTags(tags, removed), added)),
  };
}

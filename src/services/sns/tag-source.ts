import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import { resourceNotFound } from './errors.ts';
import { withTopicTags } from './topic-input.ts';
import type { Topics } from './topics.ts';

/** The tags of topics. */
export function topicTags(topics: Topics): TagSource {
  return {
    *resources(): Generator<TaggedResource> {
      for (const { arn, tags } of topics.topics('')) yield { arn, tags };
    },
    async change(arn, { added, removed }) {
      if (topics.get(arn) === undefined) throw resourceNotFound();
      const list = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
      await topics.updateTopic(arn, (topic) => ({
        ...topic,
        tags: withTopicTags(withoutTags(topic.tags, removed), list),
      }));
    },
  };
}

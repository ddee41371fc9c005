import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import { queueDoesNotExist } from './errors.ts';
import { withQueueTags } from './queue-input.ts';
import type { QueueList } from './queue-list.ts';
import type { Queues } from './queues.ts';

export function* taggedQueues(queues: QueueList): Generator<TaggedResource> {
  for (const { name, tags } of queues.all()) yield { arn: queues.arnOf(name), tags };
}

/** The tags of queues. */
export function queueTags(queues: Queues): TagSource {
  return {
    resources: () => taggedQueues(queues),
    async change(arn, { added, removed }) {
      const queue = queues.byArn(arn);
      if (queue === undefined) throw queueDoesNotExist();
      await queues.update(queue.name, ({ attributes, tags }) => ({
        attributes,
        tags: withQueueTags(withoutTags(tags, removed), added),
      }));
    },
  };
}

import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import type { Buckets } from './embedded/buckets.ts';
import { noSuchBucket } from './errors.ts';
import { bucketTags } from './tags.ts';

const PREFIX = 'arn:aws:s3:::';

/** The tags of buckets. */
export function tagsOfBuckets(buckets: Buckets): TagSource {
  return {
    *resources(): Generator<TaggedResource> {
      for (const [name, { tags = {} }] of buckets.list()) yield { arn: PREFIX + name, tags };
    },
    async change(arn, { added, removed }) {
      if (!arn.startsWith(PREFIX)) throw noSuchBucket(arn);
      await buckets.change(arn.slice(PREFIX.length), ({ tags: present = {}, ...info }) => {
        const tags = { ...withoutTags(present, removed), ...added };
        const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        return list.length === 0 ? info : { ...info, tags: bucketTags(list) };
      });
    },
  };
}

import { listableSection } from '../../config/declarations.ts';
import { fields, optional, type ValueOf } from '../../config/yaml-reader.ts';
import { declaredTags } from '../../declarations/model-reader.ts';
import { type Declarer, differences, type PlanStep } from '../../declarations/plan.ts';
import { sameJson } from '../../declarations/json-document.ts';
import { policyReader } from '../../declarations/policy-reader.ts';
import { checkBucketPolicy, refuseBlockedPolicy } from './bucket-policy.ts';
import type { S3Context } from './context.ts';
import { describeBuckets } from './description.ts';
import type { BucketInfo } from './embedded/bucket-info.ts';
import { checkBucketName } from './embedded/buckets.ts';
import { bucketTags } from './tags.ts';

const bucket = fields({
  policy: optional(policyReader),
  tags: optional(declaredTags),
});

export const bucketsSection = listableSection('buckets', bucket, {});

type Context = Pick<S3Context, 'buckets' | 'uploads'>;

/** Declares the buckets of `nagare.yaml`, by name, with their policies. */
export function bucketDeclarer({ buckets, uploads }: Context): Declarer {
  return {
    plan: (declarations) =>
      declarations.entries(bucketsSection).map(({ name, path, value }) => ({
        resource: ['buckets', name],
        path,
        check: () => planBucket(buckets, name, value),
      })),
    describe: () => describeBuckets(buckets),
    find([, name = '']) {
      if (buckets.get(name) === undefined) return undefined;
      return {
        async remove() {
          await buckets.delete(name);
          await uploads.abortAll(name);
        },
      };
    },
  };
}

/** A bucket keeps its own policy and tags where none are declared. */
function planBucket(
  buckets: Context['buckets'],
  name: string,
  { policy, tags: wantedTags }: ValueOf<typeof bucket>,
): PlanStep {
  checkBucketName(name);
  const tags = wantedTags && bucketTags(wantedTags);
  const present = buckets.get(name);
  if (policy !== undefined) refuseBlockedPolicy(present ?? {}, checkBucketPolicy(policy, name), name);
  const change = <Info extends Partial<BucketInfo>>({ tags: before, ...info }: Info) => {
    const kept = tags ?? before ?? {};
    return {
      ...info,
      ...(policy !== undefined && !sameJson(policy, info.policy) && { policy }),
      ...(Object.keys(kept).length > 0 && { tags: kept }),
    };
  };
  if (present === undefined) return { action: 'create', apply: () => buckets.create(name, change({})) };
  const details = differences({
    policy: [present.policy, change(present).policy],
    tags: [present.tags, change(present).tags],
  });
  if (details === '') return { action: 'leave', apply: () => Promise.resolve() };
  return { action: 'change', details, apply: () => buckets.change(name, change) };
}

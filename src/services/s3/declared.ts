import { listSection } from '../../config/declarations.ts';
import type { Declarer } from '../../declarations/plan.ts';
import type { S3Context } from './context.ts';
import { checkBucketName } from './embedded/buckets.ts';

export const bucketsSection = listSection('buckets');

/** Declares the buckets of `nagare.yaml`, by name. */
export function bucketDeclarer(context: Pick<S3Context, 'buckets' | 'uploads'>): Declarer {
  const { buckets, uploads } = context;
  return {
    plan: (declarations) =>
      declarations.entries(bucketsSection).map(({ name, path }) => ({
        resource: ['buckets', name],
        path,
        check() {
          checkBucketName(name);
          if (buckets.get(name) !== undefined) return { action: 'leave', apply: () => Promise.resolve() };
          return { action: 'create', apply: () => buckets.create(name) };
        },
      })),
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

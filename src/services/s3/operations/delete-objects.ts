import type { DeletedObject, DeleteObjectsOutput, DeleteObjectsRequest, _Error } from '@aws-sdk/client-s3';
import { ServiceError } from '../../../errors.ts';
import { s3Limits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { deletionOf } from '../actions.ts';
import { deleteCheck } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { invocationOf } from '../invocation.ts';
import { checkKey } from '../object-headers.ts';
import { malformedXml, notImplemented } from '../errors.ts';

type Item = Checked<DeleteObjectsRequest>['Delete']['Objects'][number];

interface Result {
  readonly deleted?: DeletedObject;
  readonly error?: _Error;
}

/** Deletes up to 1,000 objects, each independently: the response lists those that could not be deleted. */
export async function deleteObjects(
  context: S3Context,
  input: Checked<DeleteObjectsRequest>,
  call: CallContext,
): Promise<DeleteObjectsOutput> {
  const items = input.Delete.Objects;
  if (items.length === 0 || items.length > s3Limits.objectsDeletedAtOnceMax) throw malformedXml();
  const refusals = await refusalsOf(input.Bucket, items, call);
  // A caller who may delete nothing does not learn whether the bucket exists.
  if (refusals.includes(undefined)) context.objects.requireBucket(input.Bucket);
  const results = await Promise.all(
    items.map(async (item, index) => {
      const refusal = refusals[index];
      return refusal === undefined
        ? await deleteOne(context, input.Bucket, item, call)
        : failed(item.Key, refusal);
    }),
  );
  const deleted = results.flatMap((result) => (result.deleted === undefined ? [] : [result.deleted]));
  const errors = results.flatMap((result) => (result.error === undefined ? [] : [result.error]));
  return {
    ...(input.Delete.Quiet === true ? {} : { Deleted: deleted }),
    ...(errors.length === 0 ? {} : { Errors: errors }),
  };
}

/** Decisions with costly policies take a while: others get their turn in between. */
async function refusalsOf(
  bucket: string,
  items: readonly Item[],
  call: CallContext,
): Promise<(ServiceError | undefined)[]> {
  const refusals: (ServiceError | undefined)[] = [];
  for (const item of items) {
    refusals.push(await call.refusalOf(deletionOf(bucket, item, call)));
    if (refusals.length % s3Limits.decisionsAtOnceMax === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return refusals;
}

async function deleteOne(context: S3Context, bucket: string, item: Item, call: CallContext): Promise<Result> {
  const { Key: key } = item;
  try {
    if (item.VersionId !== undefined && item.VersionId !== 'null') throw notImplemented('VersionId');
    if (item.LastModifiedTime !== undefined) throw notImplemented('LastModifiedTime');
    if (item.Size !== undefined) throw notImplemented('Size');
    checkKey(key);
    const invocation = item.ETag === undefined ? undefined : invocationOf(call);
    await context.objects.delete(bucket, key, deleteCheck(key, item.ETag), invocation);
    return { deleted: { Key: key } };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return failed(key, error);
  }
}

function failed(Key: string, { code, message }: ServiceError): Result {
  return { error: { Key, Code: code, Message: message } };
}

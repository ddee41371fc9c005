import type { HttpRequest } from '../http/message.ts';
import type { ObjectsElsewhere } from '../services/s3/object-store.ts';
import { reasonOf } from '../support/errno.ts';
import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

export interface BucketsView {
  readonly buckets: readonly { readonly name: string; readonly createdMs: number }[];
  readonly next: string | undefined;
  /** The caller may list none. */
  readonly isDenied: boolean;
  readonly elsewhere: Elsewhere | undefined;
}

/** The objects are in another S3. */
export interface Elsewhere {
  readonly endpoint: string;
  /** Why it does not show them. */
  readonly problem: string | undefined;
}

export interface ObjectsView {
  /** The next parts of keys, each with its slash. */
  readonly prefixes: readonly string[];
  readonly objects: readonly {
    readonly key: string;
    readonly sizeBytes: number;
    readonly modifiedMs: number;
  }[];
  /** Leads to the next page. */
  readonly next: string | undefined;
  /** There is no such bucket, or the caller may not list it. */
  readonly isDenied: boolean;
  readonly elsewhere: Elsewhere | undefined;
}

/** A part of a list. */
export interface Page {
  readonly prefix: string;
  readonly token: string;
}

/** A page of the buckets that the caller may list. */
export async function bucketsView(
  { calls, elsewhere }: Views,
  caller: Caller,
  http: HttpRequest,
  { prefix, token }: Page,
): Promise<BucketsView> {
  if (elsewhere !== undefined) {
    const nothing: Found<BucketsView> = { buckets: [], next: undefined };
    const isAllowed = await caller.may('s3:ListAllMyBuckets', '*');
    return await lookElsewhere(elsewhere, isAllowed, nothing, () =>
      elsewhere.buckets({ prefix, token, most: consoleLimits.objectsMax }),
    );
  }
  const found = await answerTo<{
    readonly Buckets?: readonly { readonly Name?: string; readonly CreationDate?: number }[];
    readonly ContinuationToken?: string;
  }>(calls, caller, http, 's3', 'ListBuckets', {
    MaxBuckets: consoleLimits.objectsMax,
    ...(prefix !== '' && { Prefix: prefix }),
    ...(token !== '' && { ContinuationToken: token }),
  });
  return {
    buckets: (found?.Buckets ?? []).map(({ Name = '', CreationDate = 0 }) => ({
      name: Name,
      createdMs: CreationDate * 1000,
    })),
    next: found?.ContinuationToken,
    isDenied: found === undefined,
    elsewhere: undefined,
  };
}

/** A page of the objects and prefixes directly below a prefix. */
export async function objectsView(
  { calls, elsewhere }: Views,
  caller: Caller,
  http: HttpRequest,
  bucket: string,
  { prefix, token }: Page,
): Promise<ObjectsView> {
  if (elsewhere !== undefined) {
    const nothing: Found<ObjectsView> = { prefixes: [], objects: [], next: undefined };
    const isAllowed = await caller.may('s3:ListBucket', `arn:aws:s3:::${bucket}`);
    return await lookElsewhere(elsewhere, isAllowed, nothing, () =>
      elsewhere.objects(bucket, { prefix, token, most: consoleLimits.objectsMax }),
    );
  }
  const found = await answerTo<{
    readonly CommonPrefixes?: readonly { readonly Prefix?: string }[];
    readonly Contents?: readonly {
      readonly Key?: string;
      readonly Size?: number;
      readonly LastModified?: number;
    }[];
    readonly NextContinuationToken?: string;
  }>(calls, caller, http, 's3', 'ListObjectsV2', {
    Bucket: bucket,
    Prefix: prefix,
    Delimiter: '/',
    MaxKeys: consoleLimits.objectsMax,
    ...(token !== '' && { ContinuationToken: token }),
  });
  return {
    prefixes: (found?.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix),
    objects: (found?.Contents ?? []).map(({ Key = '', Size = 0, LastModified = 0 }) => ({
      key: Key,
      sizeBytes: Size,
      modifiedMs: LastModified * 1000,
    })),
    next: found?.NextContinuationToken,
    isDenied: found === undefined,
    elsewhere: undefined,
  };
}

type Found<View> = Omit<View, 'isDenied' | 'elsewhere'>;

/** With the server's own key for the other S3: what the caller may see is decided here. */
async function lookElsewhere<Page extends object>(
  { endpoint }: ObjectsElsewhere,
  isAllowed: boolean,
  nothing: Page,
  look: () => Promise<Page>,
): Promise<Page & Pick<BucketsView, 'isDenied' | 'elsewhere'>> {
  const at = (problem: string | undefined): Elsewhere => ({ endpoint, problem });
  if (!isAllowed) return { ...nothing, isDenied: true, elsewhere: at(undefined) };
  try {
    return { ...(await look()), isDenied: false, elsewhere: at(undefined) };
  } catch (error) {
    return { ...nothing, isDenied: false, elsewhere: at(reasonOf(error)) };
  }
}

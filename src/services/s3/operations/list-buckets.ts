import type { ListBucketsOutput, ListBucketsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import { ServiceError } from '../../../errors.ts';
import api from '../api.json' with { type: 'json' };
import type { S3Context } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { ownerOf } from '../list-responses.ts';

const MAX_BUCKETS = 10_000;
const regions = new Set([...api.shapes.BucketLocationConstraint.enum, 'us-east-1']);

/** Lists all buckets by name, in pages when MaxBuckets is given. */
export function listBuckets(context: S3Context, input: Checked<ListBucketsRequest>): ListBucketsOutput {
  const {
    Prefix: prefix = '',
    ContinuationToken: token,
    MaxBuckets: limit = MAX_BUCKETS,
    BucketRegion: region,
  } = input;
  if (limit < 1 || limit > MAX_BUCKETS) {
    throw invalidArgument(
      `Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS}`,
      'max-buckets',
      String(limit),
    );
  }
  if (region !== undefined && region !== context.region && !regions.has(region)) {
    throw new ServiceError('InvalidArgument', `Argument value ${region} is not a valid AWS Region`, 400, {
      ArgumentName: 'bucket-region',
    });
  }
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  const found = context.buckets
    .list()
    .filter(
      ([name]) => name.startsWith(prefix) && name > after && (region ?? context.region) === context.region,
    );
  const page = found.slice(0, limit);
  const last = page.at(-1)?.[0];
  return {
    Owner: ownerOf(context),
    Buckets: page.map(([name, info]) => ({
      Name: name,
      CreationDate: new Date(info.createdMs),
      BucketRegion: context.region,
      BucketArn: `arn:aws:s3:::${name}`,
    })),
    ...(input.Prefix === undefined ? {} : { Prefix: prefix }),
    ...(found.length > page.length && last !== undefined
      ? { ContinuationToken: Buffer.from(last).toString('base64url') }
      : {}),
  };
}

import { InvalidArgumentError } from 'commander';

/** What `s3://bucket/key` names. */
export interface Address {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

/** `s3://bucket/key`, `bucket/key` or `bucket`. */
export function addressOf(text: string): Address {
  const path = text.replace(/^s3:\/\//, '');
  const at = path.indexOf('/');
  return at === -1 ? { bucket: path, key: '' } : { bucket: path.slice(0, at), key: path.slice(at + 1) };
}

/** For commander: of an object. */
export function parseObject(text: string): Address {
  const address = addressOf(text);
  if (address.bucket !== '' && address.key !== '') return address;
  throw new InvalidArgumentError('Specify a bucket and a key, such as s3://my-bucket/log.txt.');
}

/** For commander: of a bucket, and perhaps of the keys in it that begin alike. */
export function parsePrefix(text: string): Address {
  const address = addressOf(text);
  if (address.bucket !== '') return address;
  throw new InvalidArgumentError('Specify a bucket, such as my-bucket or s3://my-bucket/2026/.');
}

/** For commander: of a bucket. */
export function parseBucket(text: string): string {
  const { bucket, key } = addressOf(text);
  if (bucket !== '' && key === '') return bucket;
  throw new InvalidArgumentError('Specify a bucket, such as my-bucket.');
}

export function addressText({ bucket, key }: Address): string {
  return `s3://${bucket}/${key}`;
}

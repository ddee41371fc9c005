import { postingTo } from '../actions.ts';
import { s3Limits } from '../limits.ts';
import type { CallContext } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { isEncryptedIn } from '../default-encryption.ts';
import { checksumAlgorithms } from '../embedded/checksums.ts';
import type { Content } from '../embedded/content.ts';
import {
  badDigest,
  invalidArgument,
  invalidChecksumHeader,
  notAForm,
  notImplemented,
  onlyOneMechanism,
  postDenied,
  postTooLarge,
  postTooSmall,
} from '../errors.ts';
import { readForm, type PostedForm } from '../form-reader.ts';
import { checkKey, encryptionMember, keptFields, userMetadata } from '../object-headers.ts';
import { checkPolicy } from '../post-policy.ts';
import type { StreamedBody } from '../receive-body.ts';

interface Input {
  readonly Bucket: string;
  readonly ContentType?: string;
  readonly Body?: StreamedBody;
}

interface Output {
  readonly Status: number;
  readonly ETag: string;
  readonly Location: string;
  readonly ServerSideEncryption?: 'AES256';
  readonly PostResponse?: { Location: string; Bucket: string; Key: string; ETag: string };
}

/** S3 fields that nagare does not support, with the values that have no effect. */
const refused: ReadonlyMap<string, readonly string[]> = new Map([
  ['acl', ['private', 'bucket-owner-full-control', 'bucket-owner-read']],
  ['tagging', []],
  ['x-amz-storage-class', ['STANDARD']],
  ['x-amz-server-side-encryption', ['AES256']],
  ['x-amz-website-redirect-location', []],
]);

const META = 'x-amz-meta-';

/** Fields of the signature; checksums and metadata are checked one by one. */
const KNOWN =
  /^x-amz-(?:algorithm|credential|date|signature|security-token|checksum-algorithm|sdk-checksum-algorithm|meta-.*|checksum-(?:crc32|crc32c|crc64nvme|sha1|sha256))$/;

/**
 * Stores the file of a posted form as an object, under a signed policy that limits what and how long it allows. As on
 * S3, fields after the file are not read.
 */
export async function postObject(context: S3Context, input: Input, call: CallContext): Promise<Output> {
  const { objects } = context;
  const { Bucket: bucket, ContentType: type = '', Body: body } = input;
  // The body is not read to its end, where the hash of a signed request is checked.
  if (call.principal.identity.kind !== 'unverified' && call.principal.isSigned) throw onlyOneMechanism();
  objects.requireBucket(bucket);
  if (!/^multipart\/form-data\b/i.test(type) || body === undefined) throw notAForm();
  const form = await readForm(body, type);
  const { fields, file } = form;
  const policy = fields.get('policy');
  if (policy === undefined || !isSigned(fields)) throw postDenied('A form needs a signed policy.');
  await call.verifyForm(fields, policy);
  const { lengths } = checkPolicy(policy, fields, bucket, context.clock.now());
  if (file === undefined) {
    throw invalidArgument('POST requires exactly one file upload per request.', 'file', '0');
  }
  refuseFields(fields);
  const key = keyOf(form);
  const refusal = await call.refusalOf(postingTo(bucket, key, fields, call));
  if (refusal !== undefined) throw refusal;
  const isEncrypted = isEncryptedIn(context, bucket, fields.get('x-amz-server-side-encryption'));
  const metadata = userMetadata(metadataOf(fields));
  const wanted = checksumAlgorithms.find((one) => fields.has(headerOf(one)));
  const most = Math.min(s3Limits.objectPutBytesMax, lengths?.max ?? s3Limits.objectPutBytesMax);
  const algorithms = wanted === undefined ? [] : [wanted];
  const content = await objects.receive(
    upTo(file.bytes, most),
    algorithms,
    s3Limits.objectPutBytesMax,
    isEncrypted,
  );
  try {
    if (lengths !== undefined && content.sizeBytes < lengths.min)
      throw postTooSmall(content.sizeBytes, lengths.min);
    if (wanted !== undefined) verify(wanted, fields.get(headerOf(wanted)) ?? '', content);
  } catch (error) {
    await objects.discard(content);
    throw error;
  }
  const value = wanted === undefined ? undefined : content.checksums.get(wanted);
  const checksum =
    wanted === undefined || value === undefined
      ? {}
      : { checksum: { algorithm: wanted, value, type: 'FULL_OBJECT' as const } };
  const headers = keptFields(Object.fromEntries(fields));
  const written = await objects.put(
    bucket,
    key,
    content,
    { headers, metadata, ...checksum },
    () => undefined,
  );
  const scheme = call.http.secure ? 'https' : 'http';
  const location = `${scheme}://${call.http.authority}/${bucket}/${encodeURIComponent(key)}`;
  return {
    ...answer(fields, { bucket, key, etag: `"${written.etag}"`, location }),
    ...encryptionMember(isEncrypted),
  };
}

function isSigned(fields: ReadonlyMap<string, string>): boolean {
  return fields.has('x-amz-signature') || fields.has('signature');
}

function refuseFields(fields: ReadonlyMap<string, string>): void {
  for (const [name, value] of fields) {
    const harmless = refused.get(name);
    const isRefused =
      harmless === undefined ? name.startsWith('x-amz-') && !KNOWN.test(name) : !harmless.includes(value);
    if (isRefused) throw notImplemented(`the form field ${name} (${value})`);
  }
}

/** `${filename}` in the key stands for the name of the user's file. */
function keyOf({ fields, file }: PostedForm): string {
  const key = fields.get('key');
  if (key === undefined || key === '') {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    );
  }
  const named = key.replaceAll('${filename}', () => file?.name.replace(/^.*[\\/]/, '') ?? '');
  checkKey(named);
  return named;
}

function metadataOf(fields: ReadonlyMap<string, string>): Record<string, string> {
  const found = [...fields].filter(([name]) => name.startsWith(META));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(META.length), value]));
}

const headerOf = (algorithm: string): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

function verify(algorithm: (typeof checksumAlgorithms)[number], expected: string, content: Content): void {
  const computed = content.checksums.get(algorithm);
  if (expected.length !== computed?.length) throw invalidChecksumHeader(algorithm);
  if (expected !== computed) throw badDigest(algorithm);
}

async function* upTo(file: AsyncGenerator<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const bytes of file) {
    sizeBytes += bytes.length;
    if (sizeBytes > most) throw postTooLarge(sizeBytes, most);
    yield bytes;
  }
}

/** The redirect or the status that the form asks for. */
function answer(
  fields: ReadonlyMap<string, string>,
  { bucket, key, etag, location }: { bucket: string; key: string; etag: string; location: string },
): Output {
  const target = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (target !== undefined && URL.canParse(target)) {
    const url = new URL(target);
    for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.append(name, value);
    return { Status: 303, ETag: etag, Location: url.href };
  }
  const status = fields.get('success_action_status');
  const head = { Status: status === '200' ? 200 : 204, ETag: etag, Location: location };
  if (status !== '201') return head;
  return { ...head, Status: 201, PostResponse: { Location: location, Bucket: bucket, Key: key, ETag: etag } };
}

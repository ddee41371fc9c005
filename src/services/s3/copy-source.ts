import { checkCopySource } from './conditions.ts';
import type { S3Context } from './context.ts';
import type { OpenObject } from './embedded/open-object.ts';
import { invalidArgument, noSuchKey, notImplemented } from './errors.ts';

type CopyInput = Parameters<typeof checkCopySource>[0] & { readonly CopySource: string };

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Parses `bucket/key`, percent-encoded, with or without a leading slash. The slash between them may be encoded too, as
 * Terraform does; the pattern in AWS's model forbids that, and S3 does not. Throws InvalidArgument.
 */
export function parseCopySource(text: string): CopySource {
  const [path = '', query = ''] = text.split('?', 2);
  const version = new URLSearchParams(query).get('versionId');
  if (version !== null && version !== 'null') throw notImplemented('versionId in CopySource');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decoded(path, text));
  const [, bucket, key] = match ?? [];
  if (bucket === undefined || key === undefined) throw notASource(text);
  return { bucket, key };
}

/** Opens the current source after checking its conditions. The caller reads or closes it. */
export async function openCopySource(
  context: S3Context,
  input: CopyInput,
): Promise<{ source: CopySource; object: OpenObject }> {
  const source = parseCopySource(input.CopySource);
  const opened = await context.objects.open(source.bucket, source.key);
  if (opened === undefined) throw noSuchKey(source.key);
  try {
    checkCopySource(input, opened.meta, context.clock.now());
  } catch (error) {
    await opened.close();
    throw error;
  }
  return { source, object: opened };
}

function decoded(path: string, text: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notASource(text);
  }
}

function notASource(text: string): Error {
  return invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
    text,
  );
}

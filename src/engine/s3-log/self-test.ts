import { randomUUID } from 'node:crypto';
import { S3SetupError } from './errors.ts';
import { s3LogLimits } from './limits.ts';
import type { Objects } from './objects.ts';

/**
 * Checks that the store keeps what the log depends on: an object that exists is not created again, one of several
 * writers at the same time succeeds, and what was written is read. Stores exist that ignore the condition and answer
 * with success. Throws S3SetupError for such a store.
 */
export async function checkStore(objects: Objects, prefix: string): Promise<void> {
  const key = `${prefix}self-test/${randomUUID()}`;
  const raced = `${key}-race`;
  const text = Buffer.from('a shared log of nagare');
  try {
    if (!(await objects.create(key, text))) {
      throw new S3SetupError('the S3 store refuses to create an object that does not exist');
    }
    if (!(await objects.read(key))?.equals(text)) {
      throw new S3SetupError('the S3 store does not return what was written to it');
    }
    if (await objects.create(key, Buffer.from('another'))) throw ignoresConditions();
    const writers = Array.from({ length: s3LogLimits.raceWriters }, (_, index) =>
      objects.create(raced, Buffer.from(`${index}`)).catch(() => false),
    );
    const created = (await Promise.all(writers)).filter(Boolean).length;
    if (created > 1) throw ignoresConditions();
    if (!(await objects.exists(raced))) {
      throw new S3SetupError('the S3 store refuses all of several writers of one object');
    }
    if (!(await objects.list(key, 1)).includes(key)) {
      throw new S3SetupError('the S3 store does not list an object that was written to it');
    }
  } finally {
    await Promise.all([key, raced].map((each) => objects.delete(each).catch(() => undefined)));
  }
}

function ignoresConditions(): S3SetupError {
  return new S3SetupError(
    'the S3 store ignores If-None-Match: * and overwrites objects: two owners of a shared log would overwrite each other. Use a store with conditional writes',
  );
}

import type { Clock } from '../../support/clock.ts';
import { reasonOf } from '../../support/errno.ts';
import type { Log } from '../../support/log.ts';
import { LogClosedError, Retrying } from '../shared/retrying.ts';
import { S3SetupError } from './errors.ts';
import { s3LogLimits } from './limits.ts';
import { openObjects, type Objects, type S3Options } from './objects.ts';
import { S3SharedLog } from './s3-shared-log.ts';
import { checkStore } from './self-test.ts';
import { Slots } from './slots.ts';

export interface S3LogOptions extends S3Options {
  /** Of all objects of the log; ends with a slash. */
  readonly prefix: string;
  /** Frames that arrive within it are one object. */
  readonly delayMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the shared log in a bucket. Throws S3SetupError for a store that cannot be reached or ignores conditions. */
export async function openS3SharedLog(options: S3LogOptions): Promise<S3SharedLog> {
  return await openOn(await openObjects(options), options);
}

/** The same with another client for the store. */
export async function openOn(
  objects: Objects,
  options: Omit<S3LogOptions, keyof S3Options> & { readonly bucket: string },
): Promise<S3SharedLog> {
  const { clock, log, prefix, bucket, delayMs } = options;
  const { retryMsMin: initialMs, retryMsMax: maxMs } = s3LogLimits;
  const about = { bucket, prefix };
  const retrying = new Retrying({ clock, log, about, store: 'S3', initialMs, maxMs });
  try {
    await checkInTime(objects, prefix, retrying, clock);
  } catch (error) {
    retrying.close();
    objects.close();
    throw error;
  }
  const slots = new Slots(objects, prefix, retrying);
  return new S3SharedLog({ objects, slots, retrying, clock, delayMs });
}

async function checkInTime(
  objects: Objects,
  prefix: string,
  retrying: Retrying,
  clock: Clock,
): Promise<void> {
  const late = new AbortController();
  const cancel = clock.schedule(s3LogLimits.openMs, () => late.abort());
  let problem: unknown;
  try {
    await retrying.retry(
      async () => {
        try {
          await checkStore(objects, prefix);
        } catch (error) {
          problem = error;
          throw error;
        }
      },
      (error) => error instanceof S3SetupError,
      late.signal,
    );
  } catch (error) {
    if (!(error instanceof LogClosedError)) throw error;
    throw new S3SetupError(`the S3 store does not answer: ${reasonOf(problem)}`, { cause: problem });
  } finally {
    cancel();
  }
}

import { Readable, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { reasonOf } from '../../support/errno.ts';
import type { Clock } from '../../support/clock.ts';
import { tarEnd, tarEntry } from '../../support/tar.ts';
import { serverLimits } from '../limits.ts';

/** A file of an archive for a maintainer. */
export interface Part {
  readonly name: string;
  /** JSON or text. Should reject when `signal` aborts; it is not waited for any longer. */
  make(signal: AbortSignal): Promise<object | string>;
}

/**
 * A tar.gz of the parts, made one after the other as it is read. A part that cannot be had says why: the archive is made
 * because something does not work. It ends with an error when it is not read within a minute.
 */
export function archiveOf(parts: readonly Part[], clock: Clock, ended: () => void): Readable {
  const gzip = createGzip();
  const closing = new AbortController();
  const cancel = clock.schedule(serverLimits.supportMsMax, () =>
    gzip.destroy(new Error('the support archive was not read in time')),
  );
  // Not the end of the pipeline, which waits for the part that is being made.
  gzip.once('close', () => {
    cancel();
    closing.abort(new Error('nobody reads the archive'));
    ended();
  });
  // An error reaches the reader.
  pipeline(Readable.from(tarOf(parts, clock, closing.signal)), gzip, () => {});
  return gzip;
}

async function* tarOf(parts: readonly Part[], clock: Clock, closed: AbortSignal): AsyncGenerator<Buffer> {
  for (const part of parts) {
    const made = await inTime(part, clock, closed);
    const text = typeof made === 'string' ? made : `${JSON.stringify(made, null, 2)}\n`;
    yield tarEntry({ name: part.name, content: cut(text) }, clock.now());
  }
  yield tarEnd;
}

async function inTime(part: Part, clock: Clock, closed: AbortSignal): Promise<object | string> {
  const late = new AbortController();
  const cancel = clock.schedule(serverLimits.supportPartMs, () =>
    late.abort(new Error(`it was not there within ${serverLimits.supportPartMs} ms`)),
  );
  const signal = AbortSignal.any([late.signal, closed]);
  const over = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => over.reject(signal.reason), { once: true });
  try {
    return await Promise.race([part.make(signal), over.promise]);
  } catch (error) {
    return { failed: reasonOf(error) };
  } finally {
    cancel();
  }
}

function cut(text: string): string {
  const max = serverLimits.supportPartCharactersMax;
  return text.length <= max ? text : `${text.slice(0, max)}\nThe rest is left out.\n`;
}

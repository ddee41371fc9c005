import type { ObjectFiles } from './object-files.ts';
import { behindPrefix } from './object-index.ts';
import type { ObjectMeta } from './object-meta.ts';

export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** Lists only keys after this one. */
  readonly after: string;
  /** `after` is a common prefix that was listed already: all keys with this prefix are skipped. */
  readonly afterIsPrefix: boolean;
}

export type Listed = { readonly meta: ObjectMeta } | { readonly commonPrefix: string };

/**
 * Lists the objects of a bucket in the order of their keys' UTF-8 bytes. Keys with the same text between the prefix and
 * a delimiter are rolled up to a common prefix, and skipped without being read.
 */
export async function* list(
  objects: ObjectFiles,
  bucket: string,
  query: ListingQuery,
): AsyncGenerator<Listed, void, undefined> {
  const { prefix, delimiter, after, afterIsPrefix } = query;
  let from = after === '' ? '' : afterIsPrefix ? behindPrefix(after) : `${after}\0`;
  for (let isDone = false; !isDone;) {
    isDone = true;
    for await (const meta of objects.scan(bucket, { prefix, from })) {
      const end = delimiter === '' ? -1 : meta.key.indexOf(delimiter, prefix.length);
      if (end < 0) {
        yield { meta };
        continue;
      }
      const commonPrefix = meta.key.slice(0, end + delimiter.length);
      yield { commonPrefix };
      from = behindPrefix(commonPrefix);
      isDone = false;
      break;
    }
  }
}

import type { GetObjectOutput, GetObjectRequest } from '@aws-sdk/client-s3';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { HttpRequest } from '../../../http/message.ts';
import { httpLimits } from '../../../http/limits.ts';
import { s3Limits } from '../limits.ts';
import { BLOCK_BYTES } from '../embedded/block-sums.ts';
import type { ReadRoom } from '../embedded/stored-content.ts';
import { checkRead } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { description, givenChecksum } from '../object-headers.ts';
import { invalidRequest, noSuchKey } from '../errors.ts';
import { overrides } from '../response-overrides.ts';
import { contentRange, parseRange, partRange } from '../ranges.ts';

export type GetObjectAnswer = Omit<GetObjectOutput, 'Body' | 'Expires'> & {
  readonly Expires?: string;
  readonly Body?: AsyncIterable<Uint8Array> | Uint8Array;
};

/**
 * Returns the object or a range of it as of the start of the response, at the reader's speed. Damaged bytes are never
 * returned: damage at the beginning is an InternalError, later damage closes the connection.
 */
export async function getObject(
  context: S3Context,
  input: Checked<GetObjectRequest>,
  call: CallContext,
): Promise<GetObjectAnswer> {
  const opened = await context.objects.open(input.Bucket, input.Key);
  if (opened === undefined) throw noSuchKey(input.Key);
  const { meta } = opened;
  try {
    checkRead(input, meta, context.clock.now());
    if (input.Range !== undefined && input.PartNumber !== undefined) {
      throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
    }
    const range =
      input.PartNumber === undefined
        ? parseRange(input.Range, meta.sizeBytes)
        : partRange(meta, input.PartNumber);
    const { first, length } = range ?? { first: 0, length: meta.sizeBytes };
    call.signal.throwIfAborted();
    const head = {
      ...description(meta),
      ...overrides(input),
      ...(range === undefined || length === 0 ? {} : { ContentRange: contentRange(range, meta.sizeBytes) }),
      ...(input.PartNumber === undefined || meta.partSizes === undefined
        ? {}
        : { PartsCount: meta.partSizes.length }),
      ...givenChecksum(meta, input, range),
      ContentLength: length,
    };
    // Last, because from here on the body closes the object.
    if (length > 0) {
      const room = roomOf(call.http.responseMemory, length);
      return { ...head, Body: await begun(opened.read(first, length, room)) };
    }
    await opened.close();
    return { ...head, Body: new Uint8Array() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Memory for what is sent and for what is read ahead: less when many responses wait for their clients. */
function roomOf(memory: HttpRequest['responseMemory'], length: number): ReadRoom | undefined {
  if (length <= httpLimits.responseBytesSmall) return undefined;
  return () => {
    const room = memory.grant(2 * s3Limits.objectReadBytesMax);
    // A block is checked whole, however little room there is.
    memory.raise(BLOCK_BYTES);
    return room;
  };
}

/** Reads the first chunk before the response begins, so that its errors still become error responses. */
async function begun(
  body: AsyncIterableIterator<Uint8Array, undefined>,
): Promise<AsyncIterableIterator<Uint8Array, undefined>> {
  let first: Promise<IteratorResult<Uint8Array, undefined>> | undefined = Promise.resolve(await body.next());
  const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      const next = first ?? body.next();
      first = undefined;
      return next;
    },
    return: async () => (await body.return?.()) ?? { done: true, value: undefined },
  };
  return iterator;
}

import { setImmediate } from 'node:timers/promises';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { quoted } from '../../support/shell-word.ts';
import { cliLimits } from '../limits.ts';
import type { Progress } from '../output/progress.ts';
import { CommandError, InterruptedError } from '../terminal.ts';
import { type Address, addressText } from './address.ts';
import { type Part, partsOf } from './parts.ts';
import { Patience } from './patience.ts';
import type { S3 } from './s3.ts';

export interface UploadOptions {
  readonly contentType: string | undefined;
  /** Of how many bytes a part is, for how many of them are sent at the same time. */
  readonly partBytes: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface Uploaded {
  readonly bytes: number;
  readonly etag: string | undefined;
  /** CRC-32 of the object, which the server has compared with what it has. */
  readonly checksum: string;
}

/**
 * Makes an object of a content: in one request, or of several parts. Nothing of it is left if it fails or is
 * interrupted: the object appears as a whole. Rejects with InterruptedError when the signal aborts.
 */
export async function upload(
  s3: S3,
  address: Address,
  source: AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<Uploaded> {
  const { partBytes, signal } = options;
  // The first failure ends everything: what is sent, and what is read.
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new InterruptedError(signal));
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  const parts = partsOf(source, partBytes, stop.signal);
  try {
    const { value: first } = await parts.next();
    if (first === undefined) throw new Error('there is always a first part');
    return first.isLast
      ? await putWhole(s3, address, first, { ...options, signal: stop.signal })
      : await new MultipartUpload(s3, address, options, stop).run(first, parts);
  } catch (error) {
    // A CommandError says what is left.
    throw stop.signal.aborted && !(error instanceof CommandError) ? stop.signal.reason : error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    stop.abort();
  }
}

async function putWhole(
  { client, sdk }: S3,
  { bucket, key }: Address,
  { body, checksum }: Part,
  { contentType, signal, progress }: UploadOptions,
): Promise<Uploaded> {
  await checkInterrupted(signal);
  const command = new sdk.PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    ChecksumCRC32: checksum,
  });
  const { ETag } = await client.send(command, { abortSignal: signal });
  progress.add(body.length);
  return { bytes: body.length, etag: ETag, checksum };
}

/** A pipeline's Ctrl-C ends its input as well, which then looks as if it were complete. */
async function checkInterrupted(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

class MultipartUpload {
  readonly #s3: S3;
  readonly #address: Address;
  readonly #object: { readonly Bucket: string; readonly Key: string };
  readonly #options: UploadOptions;
  readonly #stop: AbortController;
  readonly #sent: CompletedPart[] = [];
  #bytes = 0;

  constructor(s3: S3, address: Address, options: UploadOptions, stop: AbortController) {
    this.#s3 = s3;
    this.#address = address;
    this.#object = { Bucket: address.bucket, Key: address.key };
    this.#options = options;
    this.#stop = stop;
  }

  async run(first: Part, rest: AsyncIterator<Part, void, undefined>): Promise<Uploaded> {
    const { client, sdk } = this.#s3;
    // Not interrupted: whether the server has begun it would not be known.
    const { UploadId } = await client.send(
      new sdk.CreateMultipartUploadCommand({
        ...this.#object,
        ContentType: this.#options.contentType,
        ChecksumAlgorithm: 'CRC32',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    try {
      const checksum = await this.#sendAll(UploadId, first, rest);
      await checkInterrupted(this.#stop.signal);
      const etag = await this.#complete(UploadId, checksum);
      return { bytes: this.#bytes, etag, checksum };
    } catch (error) {
      await this.#abort(UploadId);
      throw error;
    }
  }

  /** Returns the checksum of all. */
  async #sendAll(
    UploadId: string | undefined,
    first: Part,
    rest: AsyncIterator<Part, void, undefined>,
  ): Promise<string> {
    const { partBytes } = this.#options;
    const atOnce = Math.max(1, Math.floor(cliLimits.objectSentBytesMax / partBytes));
    const sending = new Set<Promise<void>>();
    try {
      let part = first;
      for (;;) {
        if (part.number > cliLimits.objectPartsMax) throw tooManyParts(partBytes);
        const sent: Promise<void> = this.#send(UploadId, part)
          .catch((error: unknown) => this.#stop.abort(error))
          .finally(() => sending.delete(sent));
        sending.add(sent);
        if (sending.size >= atOnce) await Promise.race(sending);
        const { value } = part.isLast ? {} : await rest.next();
        if (value === undefined) break;
        part = value;
      }
      await Promise.all(sending);
      return part.checksumSoFar;
    } catch (error) {
      this.#stop.abort(error);
      throw error;
    } finally {
      // A part that arrives after the upload is given up would be left.
      await Promise.all(sending);
    }
  }

  async #send(UploadId: string | undefined, { number, body, checksum }: Part): Promise<void> {
    const { client, sdk } = this.#s3;
    const input = { ...this.#object, UploadId, PartNumber: number, Body: body, ChecksumCRC32: checksum };
    const patience = new Patience(this.#stop.signal);
    for (;;) {
      try {
        const { ETag } = await client.send(new sdk.UploadPartCommand(input), {
          abortSignal: this.#stop.signal,
        });
        this.#sent.push({ PartNumber: number, ETag, ChecksumCRC32: checksum });
        this.#bytes += body.length;
        return this.#options.progress.add(body.length);
      } catch (error) {
        await patience.after(error);
      }
    }
  }

  async #complete(UploadId: string | undefined, checksum: string): Promise<string | undefined> {
    const { client, sdk } = this.#s3;
    const Parts = this.#sent.toSorted(({ PartNumber: a = 0 }, { PartNumber: b = 0 }) => a - b);
    const command = new sdk.CompleteMultipartUploadCommand({
      ...this.#object,
      UploadId,
      MultipartUpload: { Parts },
      ChecksumCRC32: checksum,
      ChecksumType: 'FULL_OBJECT',
      MpuObjectSize: this.#bytes,
    });
    return (await client.send(command)).ETag;
  }

  async #abort(UploadId = ''): Promise<void> {
    const { client, sdk } = this.#s3;
    await client
      .send(new sdk.AbortMultipartUploadCommand({ ...this.#object, UploadId }))
      .catch((error: unknown) => {
        const { bucket, key } = this.#address;
        throw new CommandError(`parts of ${addressText(this.#address)} are left on the server`, {
          why: error instanceof Error ? error.message : String(error),
          remedy: `aws s3api abort-multipart-upload --bucket ${quoted(bucket)} --key ${quoted(key)} --upload-id ${quoted(UploadId)}`,
        });
      });
  }
}

function tooManyParts(partBytes: number): CommandError {
  const mib = Math.ceil(partBytes / 1024 ** 2);
  return new CommandError(
    `an object has at most ${cliLimits.objectPartsMax} parts, and there is more than these hold with ${mib} MiB each`,
    { remedy: `nagare object put --part-size ${Math.min(5120, mib * 8)} ...` },
  );
}

import { malformedPost, postFieldsTooLarge } from './errors.ts';
import { s3Limits } from './limits.ts';

export interface PostedForm {
  /** Keyed by lower-case name; only the fields before the file. */
  readonly fields: ReadonlyMap<string, string>;
  /** Undefined when the form has none. */
  readonly file: { readonly name: string; readonly bytes: AsyncGenerator<Uint8Array> } | undefined;
}

/**
 * Reads a multipart/form-data body (RFC 7578) up to its file, which is streamed. Fields after the file are not read, as
 * on S3. Throws MalformedPOSTRequest, MaxPostPreDataLengthExceededError.
 */
export async function readForm(body: AsyncIterable<Uint8Array>, contentType: string): Promise<PostedForm> {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw malformedPost();
  const reader = new PartReader(body, name);
  const fields = new Map<string, string>();
  await reader.begin();
  for (;;) {
    const head = await reader.head();
    if (head === undefined) return { fields, file: undefined };
    if (head.name === 'file') return { fields, file: { name: head.fileName ?? '', bytes: reader.content() } };
    fields.set(head.name.toLowerCase(), await reader.text());
  }
}

class PartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  #buffer: Buffer = Buffer.from('\r\n');
  #fieldBytes = 0;

  constructor(body: AsyncIterable<Uint8Array>, boundary: string) {
    this.#source = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** Skips the first delimiter, which needs no preceding line end. */
  async begin(): Promise<void> {
    await this.#until(this.#delimiter);
  }

  /** The head of the next part; undefined after the last. */
  async head(): Promise<{ name: string; fileName: string | undefined } | undefined> {
    while (this.#buffer.length < 2) await this.#fill();
    if (this.#buffer.toString('latin1', 0, 2) === '--') return undefined;
    // The line end of the delimiter counts as part of the head, so that an empty head is terminated as well.
    const head = (await this.#until(Buffer.from('\r\n\r\n'))).toString();
    const disposition = /^content-disposition:\s*form-data(.*)$/im.exec(head)?.[1];
    const name = parameter(disposition, 'name');
    if (name === undefined) throw malformedPost();
    return { name, fileName: parameter(disposition, 'filename') };
  }

  async text(): Promise<string> {
    return (await this.#until(this.#delimiter)).toString();
  }

  /** Yields the bytes up to the next delimiter as they arrive. */
  async *content(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const end = this.#buffer.indexOf(this.#delimiter);
      if (end >= 0) {
        if (end > 0) yield this.#buffer.subarray(0, end);
        return;
      }
      // A delimiter may begin in the last bytes.
      const safe = this.#buffer.length - this.#delimiter.length + 1;
      if (safe > 0) {
        yield this.#buffer.subarray(0, safe);
        this.#buffer = this.#buffer.subarray(safe);
      }
      await this.#fill();
    }
  }

  async #until(end: Buffer): Promise<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(end);
      const length = at < 0 ? this.#buffer.length : at;
      if (this.#fieldBytes + length > s3Limits.postFieldsBytesMax) throw postFieldsTooLarge();
      if (at >= 0) {
        this.#fieldBytes += length;
        const found = this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + end.length);
        return found;
      }
      await this.#fill();
    }
  }

  async #fill(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw malformedPost();
    this.#buffer =
      this.#buffer.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#buffer, next.value]);
  }
}

function parameter(disposition: string | undefined, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(
    disposition ?? '',
  );
  return match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2];
}

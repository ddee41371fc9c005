import { createHash, type Hash } from 'node:crypto';
import { ServiceError } from '../../errors.ts';
import type { SignedChunks } from '../../http/message.ts';
import { sha256 } from './canonical.ts';
import type { SigningKey } from './derived-keys.ts';

const NOTHING = sha256('');

/**
 * The signatures of an upload in chunks: each signs the one before, from that of the head on, so that chunks cannot be
 * left out, repeated or moved (S3 API reference, "Signature calculations: transferring payload in multiple chunks").
 */
export class ChunkChain implements SignedChunks {
  readonly #key: SigningKey;
  readonly #preamble: string;
  #previous: string;
  #hash: Hash | undefined;
  #given = '';

  constructor(from: {
    readonly key: SigningKey;
    readonly time: string;
    readonly scope: string;
    readonly seed: string;
  }) {
    this.#key = from.key;
    this.#preamble = `${from.time}\n${from.scope}\n`;
    this.#previous = from.seed;
  }

  begin(signature: string): void {
    this.#given = signature;
    this.#hash = createHash('sha256');
  }

  data(bytes: Uint8Array): void {
    this.#hash?.update(bytes);
  }

  end(): void {
    const hash = this.#hash?.digest('hex') ?? NOTHING;
    this.#hash = undefined;
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', `${NOTHING}\n${hash}`, this.#given);
  }

  trailers(lines: string, signature: string): void {
    this.#check('AWS4-HMAC-SHA256-TRAILER', sha256(lines), signature);
  }

  #check(algorithm: string, signed: string, given: string): void {
    const text = `${algorithm}\n${this.#preamble}${this.#previous}\n${signed}`;
    if (!this.#key.verifies(text, given)) {
      throw new ServiceError(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        403,
        { SignatureProvided: given },
      );
    }
    this.#previous = given;
  }
}

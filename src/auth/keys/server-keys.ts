import { createHmac, randomBytes } from 'node:crypto';
import { type AccessKey, type AccessKeys, type Identity, rootIdentity } from '../identity.ts';
import { presigned } from '../presign.ts';
import { authLimits } from '../limits.ts';
import type { Credentials } from '../sign.ts';

export interface RootKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ServerKeysOptions {
  readonly root: RootKey;
  readonly region: string;
  readonly accountId: string;
  /** The machine's time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The keys that a server accepts: the root key, and keys that it makes itself and that end with its process. Each
 * version of a function has one of its own, so that its requests can be told from others; what it may do is not limited
 * by its role yet, but it is refused on nagare's own paths.
 */
export class ServerKeys implements AccessKeys {
  readonly #options: ServerKeysOptions;
  readonly #secret = randomBytes(32);
  readonly #keys = new Map<string, AccessKey>();
  #functionKeysMade = 0;
  readonly #own: AccessKey;

  constructor(options: ServerKeysOptions) {
    this.#options = options;
    const { root, accountId } = options;
    const identity = rootIdentity(accountId, root.accessKeyId);
    this.#keys.set(root.accessKeyId, { ...root, status: 'Active', identity });
    const { accessKeyId, secretAccessKey } = this.#derive('own urls');
    this.#own = { accessKeyId, secretAccessKey, status: 'Active', identity };
    this.#keys.set(accessKeyId, this.#own);
  }

  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** New credentials for the processes of one version of a function: a function that is created again gets others. */
  ofFunction(functionName: string): Credentials {
    const made = this.#derive(`function ${functionName} ${++this.#functionKeysMade}`);
    const identity = this.#functionIdentity(functionName, made.accessKeyId);
    this.#keys.set(made.accessKeyId, { ...made, status: 'Active', identity });
    return made;
  }

  /** Requests with this key, which `ofFunction` made, are refused from now on. */
  end(accessKeyId: string): void {
    this.#keys.delete(accessKeyId);
  }

  /** A URL of this server that anyone who has it may read for ten minutes. */
  presigned(url: string): string {
    const { region, now } = this.#options;
    return presigned(
      new URL(url),
      this.#own,
      { region, service: 'nagare' },
      new Date(now()),
      authLimits.ownUrlSeconds,
    );
  }

  #functionIdentity(functionName: string, accessKeyId: string): Identity {
    const { accountId } = this.#options;
    return {
      kind: 'assumed-role',
      arn: `arn:aws:sts::${accountId}:assumed-role/nagare-function/${functionName}`,
      userId: `AROANAGAREFUNCTION:${functionName}`,
      accountId,
      accessKeyId,
    };
  }

  #derive(purpose: string): Required<Credentials> {
    const part = (name: string): Buffer =>
      createHmac('sha256', this.#secret).update(`${name} ${purpose}`).digest();
    return {
      accessKeyId: `ASIA${base32(part('id')).slice(0, 16)}`,
      secretAccessKey: part('secret').toString('base64'),
      sessionToken: part('token').toString('base64url'),
    };
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** One character per byte: the bytes are random. */
function base32(bytes: Buffer): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('');
}

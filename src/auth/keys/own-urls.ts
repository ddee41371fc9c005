import { type AccessKey, type AccessKeys, rootIdentity } from '../identity.ts';
import { authLimits } from '../limits.ts';
import { presigned } from '../presign.ts';
import { derivedCredentials } from './derived-credentials.ts';

export interface OwnUrlsOptions {
  /** 32 bytes. Machines with the same secret accept each other's URLs. */
  readonly secret: Buffer;
  readonly region: string;
  readonly accountId: string;
  /** The machine's time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** URLs of this server that anyone who has one may read for ten minutes, and the key that they are signed with. */
export class OwnUrls implements AccessKeys {
  readonly #options: OwnUrlsOptions;
  readonly #key: AccessKey;

  constructor(options: OwnUrlsOptions) {
    this.#options = options;
    const { accessKeyId, secretAccessKey } = derivedCredentials(options.secret, 'own urls');
    const identity = rootIdentity(options.accountId, accessKeyId);
    this.#key = { accessKeyId, secretAccessKey, status: 'Active', identity };
  }

  find(accessKeyId: string): AccessKey | undefined {
    return accessKeyId === this.#key.accessKeyId ? this.#key : undefined;
  }

  presigned(url: string): string {
    const { region, now } = this.#options;
    return presigned(
      new URL(url),
      this.#key,
      { region, service: 'nagare' },
      new Date(now()),
      authLimits.ownUrlSeconds,
    );
  }
}

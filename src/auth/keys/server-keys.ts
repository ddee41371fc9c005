import { randomBytes } from 'node:crypto';
import type { PolicySource } from '../authorization/policy-source.ts';
import { type AccessKey, type AccessKeys, rootIdentity } from '../identity.ts';
import type { Credentials } from '../sign.ts';
import { derivedCredentials } from './derived-credentials.ts';
import { FunctionKeys, type FunctionOfKey } from './function-keys.ts';

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
 * The keys that a server accepts: the root key, keys that it makes itself and that end with its process, and those of
 * its services (users' access keys, temporary credentials).
 */
export class ServerKeys implements AccessKeys {
  readonly #options: ServerKeysOptions;
  readonly #secret = randomBytes(32);
  readonly #root: AccessKey;
  readonly #functionKeys = new FunctionKeys();
  #functionKeysMade = 0;
  #others: readonly AccessKeys[] = [];

  constructor(options: ServerKeysOptions) {
    this.#options = options;
    const { root, accountId } = options;
    const identity = rootIdentity(accountId, root.accessKeyId);
    this.#root = { ...root, status: 'Active', identity };
  }

  /** The same root key for another part of the server, which has further keys of its own. */
  apart(): ServerKeys {
    return new ServerKeys(this.#options);
  }

  /** Accepts further keys, which are asked for in this order. `policies` has the roles of functions. */
  join(others: readonly AccessKeys[], policies?: PolicySource): void {
    this.#others = others;
    this.#functionKeys.join(policies);
  }

  find(accessKeyId: string, token?: string): AccessKey | undefined | Promise<AccessKey | undefined> {
    if (this.isRootKey(accessKeyId)) return this.#root;
    return this.#functionKeys.find(accessKeyId) ?? findIn(this.#others, accessKeyId, token);
  }

  /** New credentials for the processes of one version of a function: a function that is created again gets others. */
  ofFunction(owner: FunctionOfKey): Credentials {
    const made = derivedCredentials(this.#secret, `function ${owner.name} ${++this.#functionKeysMade}`);
    const { accountId, now } = this.#options;
    this.#functionKeys.add(made, owner, { accountId, issuedMs: now() });
    return made;
  }

  isRootKey(accessKeyId: string): boolean {
    return accessKeyId === this.#options.root.accessKeyId;
  }

  /** Whether a key that `ofFunction` made is still accepted. */
  isValid(accessKeyId: string): boolean {
    return this.#functionKeys.has(accessKeyId);
  }

  /** Requests with this key, which `ofFunction` made, are refused from now on. */
  end(accessKeyId: string): void {
    this.#functionKeys.end(accessKeyId);
  }
}

function findIn(
  [source, ...others]: readonly AccessKeys[],
  accessKeyId: string,
  token: string | undefined,
): AccessKey | undefined | Promise<AccessKey | undefined> {
  if (source === undefined) return undefined;
  const found = source.find(accessKeyId, token);
  if (found instanceof Promise) return found.then((key) => key ?? findIn(others, accessKeyId, token));
  return found ?? findIn(others, accessKeyId, token);
}

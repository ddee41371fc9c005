import type { KeyStore } from '../../engine/key-store.ts';
import { newAccessKeyId, newSecretAccessKey } from './access-key-id.ts';
import { TextSealer } from './sealed-text.ts';

/** What a session is: everything that is known about it is in its token. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly expiresMs: number;
  /** Absent in tokens of versions that did not need it. */
  readonly issuedMs?: number | undefined;
  readonly identity: SessionIdentity;
  /** Session policies: documents, and ARNs of managed policies. */
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Tags that sessions made with this one have too. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
  /** Condition keys of the web identity that it was made for, in lower case. */
  readonly keys?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface SessionIdentity {
  readonly arn: string;
  readonly userId: string;
  /** Undefined for a session of a user or of the account. */
  readonly roleArn?: string | undefined;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
}

/**
 * Temporary credentials. A token has the whole session, encrypted under a key derived from the master key, so that
 * sessions need no storage and survive a restart; they cannot be revoked before they end.
 */
export class SessionTokens {
  readonly #sealer: TextSealer;

  constructor(keys: KeyStore) {
    this.#sealer = new TextSealer(keys.derive('session tokens'));
  }

  create(session: Omit<Session, 'accessKeyId' | 'secretAccessKey'>): TemporaryCredentials {
    const key = { accessKeyId: newAccessKeyId('ASIA'), secretAccessKey: newSecretAccessKey() };
    const made: Session = { ...key, ...session };
    return { ...key, sessionToken: this.#sealer.seal(JSON.stringify(made)), expiresMs: session.expiresMs };
  }

  /** Undefined for a token that was not made here. */
  read(token: string): Session | undefined {
    const text = this.#sealer.open(token);
    // Only `create` makes texts that the sealer opens.
    return text === undefined ? undefined : (JSON.parse(text) as Session);
  }
}

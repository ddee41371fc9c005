import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccessKeys, Identity } from '../auth/identity.ts';
import type { Clock } from '../support/clock.ts';
import { consoleLimits } from './limits.ts';

export interface Session {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  /** Pages send it with each change: another site cannot read it. */
  readonly csrf: string;
  readonly startedMs: number;
  /** Aborts when the session has ended; what is still being sent to it ends, too. */
  readonly ended: AbortSignal;
  lastSeenMs: number;
}

interface OpenSession extends Session {
  readonly ending: AbortController;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Logs in once. */
export interface LoginToken {
  readonly token: string | undefined;
  readonly expiresMs: number | undefined;
}

interface Invitation {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly expiresMs: number;
}

interface Opened {
  readonly cookie: string;
  readonly session: Session;
}

/** People who have logged in to the console. Sessions end with the process, and with their access key. */
export class Sessions {
  readonly #keys: AccessKeys;
  readonly #clock: Clock;
  /** By the hash of the cookie: what is in memory does not open a session. In order of use, oldest first. */
  readonly #sessions = new Map<string, OpenSession>();

  /** By the hash of the token, oldest first. */
  readonly #invitations = new Map<string, Invitation>();

  constructor(keys: AccessKeys, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Returns the secret of the new session; undefined for a wrong key. */
  async open(given: Credentials): Promise<Opened | undefined> {
    const { accessKeyId, secretAccessKey, sessionToken } = given;
    const key = await this.#keys.find(accessKeyId, sessionToken);
    const isRight = same(key?.secretAccessKey ?? randomBytes(20).toString('hex'), secretAccessKey);
    if (key === undefined || !isRight || !same(key.sessionToken ?? '', sessionToken ?? '')) return undefined;
    return await this.#begin(given);
  }

  /** For somebody who has shown to have the key. */
  newLogin(accessKeyId: string, sessionToken: string | undefined): LoginToken {
    const token = randomBytes(32).toString('base64url');
    const expiresMs = this.#clock.now() + consoleLimits.loginTokenMs;
    this.#invitations.set(hashOf(token), { accessKeyId, sessionToken, expiresMs });
    const [oldest] = this.#invitations.keys();
    if (this.#invitations.size > consoleLimits.loginTokensMax && oldest !== undefined)
      this.#invitations.delete(oldest);
    return { token, expiresMs };
  }

  /** Undefined for a token that was used, is too old, or belongs to a key that has ended. */
  async openByToken(token: string): Promise<Opened | undefined> {
    const id = hashOf(token);
    const invitation = this.#invitations.get(id);
    this.#invitations.delete(id);
    if (invitation === undefined || invitation.expiresMs <= this.#clock.now()) return undefined;
    return await this.#begin(invitation);
  }

  async #begin(given: Omit<Credentials, 'secretAccessKey'>): Promise<Opened | undefined> {
    const { accessKeyId, sessionToken } = given;
    if ((await this.#identityOf(given)) === undefined) return undefined;
    const nowMs = this.#clock.now();
    const cookie = randomBytes(32).toString('base64url');
    const csrf = randomBytes(24).toString('base64url');
    const ending = new AbortController();
    const times = { startedMs: nowMs, lastSeenMs: nowMs };
    const session = { accessKeyId, sessionToken, csrf, ...times, ending, ended: ending.signal };
    this.#sessions.set(hashOf(cookie), session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > consoleLimits.sessionsMax && oldest !== undefined) this.#end(oldest);
    return { cookie, session };
  }

  /** Undefined if the session or its key has ended. */
  async find(
    cookie: string,
  ): Promise<{ readonly session: Session; readonly identity: Identity } | undefined> {
    const id = hashOf(cookie);
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    const identity = await this.#check(id, session);
    if (identity === undefined || session.ended.aborted) return undefined;
    session.lastSeenMs = this.#clock.now();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return { session, identity };
  }

  /** Ends those of the sessions whose time is over or whose key has ended. */
  async endOver(sessions: ReadonlySet<Session>): Promise<void> {
    for (const [id, session] of this.#sessions) if (sessions.has(session)) await this.#check(id, session);
  }

  close(cookie: string): void {
    this.#end(hashOf(cookie));
  }

  /** Returns who has the session; undefined if it is over, and then it ends. */
  async #check(id: string, session: OpenSession): Promise<Identity | undefined> {
    const nowMs = this.#clock.now();
    const isOver =
      nowMs - session.lastSeenMs > consoleLimits.sessionIdleMs ||
      nowMs - session.startedMs > consoleLimits.sessionMsMax;
    const identity = isOver ? undefined : await this.#identityOf(session);
    if (identity === undefined) this.#end(id);
    return identity;
  }

  #end(id: string): void {
    this.#sessions.get(id)?.ending.abort();
    this.#sessions.delete(id);
  }

  /** The key is looked up each time: a key that was deactivated ends its sessions. */
  async #identityOf({
    accessKeyId,
    sessionToken,
  }: Omit<Credentials, 'secretAccessKey'>): Promise<Identity | undefined> {
    const key = await this.#keys.find(accessKeyId, sessionToken);
    if (key === undefined || key.status !== 'Active') return undefined;
    if (key.expiresMs !== undefined && key.expiresMs <= this.#clock.now()) return undefined;
    // Functions have no person in front of a browser.
    return key.identity.functionArn === undefined ? key.identity : undefined;
  }
}

function hashOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64');
}

/** In a time that does not depend on where they differ. */
export function same(left: string, right: string): boolean {
  const digests = [left, right].map((text) => createHash('sha256').update(text).digest());
  const [a, b] = digests;
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

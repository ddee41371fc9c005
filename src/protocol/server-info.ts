import type { SignatureVerifier } from '../auth/signature/verify.ts';
import type { Log } from '../support/log.ts';
import type { ChangeObserver } from './changes.ts';
import type { RequestObserver } from './observer.ts';
import type { OpenStreams } from './open-streams.ts';
import type { GuardOptions } from './operation-guard.ts';

/** What all calls share. */
export interface ServerInfo {
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** Decides whether calls are allowed; without one, every caller may call everything. */
  readonly guard?: GuardOptions | undefined;
  /** Verifies signatures; absent with `--auth off`. */
  readonly verifier?: SignatureVerifier | undefined;
  /** Gets each answer; without one, answers carry no outcome. */
  readonly observer?: RequestObserver | undefined;
  readonly changes?: ChangeObserver | undefined;
  /** Ends streams whose callers may not have them any more; absent with `--auth off`. */
  readonly streams?: OpenStreams | undefined;
}

import type { SessionTokens } from '../../auth/keys/session-tokens.ts';
import type { Clock } from '../../support/clock.ts';
import type { Identities } from '../iam/identities.ts';

/** The state and dependencies of STS's operations. */
export interface StsContext {
  readonly identities: Identities;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  readonly accountId: string;
}

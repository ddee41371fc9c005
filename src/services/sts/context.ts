import type { SessionTokens } from '../../auth/keys/session-tokens.ts';
import type { Clock } from '../../support/clock.ts';
import type { Identities } from '../iam/identities.ts';
import type { IssuerKeys } from './web-identity/issuer-keys.ts';

/** The state and dependencies of STS's operations. */
export interface StsContext {
  readonly identities: Identities;
  readonly tokens: SessionTokens;
  readonly issuerKeys: IssuerKeys;
  readonly clock: Clock;
  readonly accountId: string;
}

/** What operations need that only read. */
export type StsReads = Pick<StsContext, 'identities' | 'tokens' | 'accountId'>;

import type { AccessKeyTable } from '../../auth/keys/access-keys.ts';
import type { Clock } from '../../support/clock.ts';
import type { IamStore } from './store.ts';

/** The state and dependencies of IAM's operations. */
export interface IamContext {
  readonly store: IamStore;
  readonly keys: AccessKeyTable;
  readonly clock: Clock;
  readonly accountId: string;
  /** Whether an access key is the root key of this server, which cannot be a user's too. */
  readonly isRootKey: (accessKeyId: string) => boolean;
}

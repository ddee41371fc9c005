import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import type { Times } from './freshness.ts';
import type { OwnerInfo, SharedLog } from './shared-log.ts';

export type Role = 'owner' | 'standby';

export interface MemberOptions {
  readonly log: SharedLog;
  /** What other machines learn of this one when it owns the log. */
  readonly self: OwnerInfo;
  /** The time that frames carry. */
  readonly clock: Clock;
  /** For heartbeats and waiting, if not `clock`. */
  readonly timers?: Clock;
  /** How long ago a frame was acknowledged; by default by `timers` and the machine's monotonic clock. */
  readonly times?: Times;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Log;
  /** A standby takes over when it has seen no frame for this long. */
  readonly takeOverAfterMs?: number;
  /** Asked when a takeover is due: whether other standbys go first. */
  readonly yields?: () => boolean;
  /**
   * Called with each new role, one call after the other. This process takes over again only when the call for the last
   * standby has resolved. When it rejects, the process is lost.
   */
  readonly onRole?: (role: Role) => Promise<void>;
  /** Called when this process learns that another one owns the log now, or none. */
  readonly onOwner?: () => void;
}

export interface MemberStatus {
  readonly role: Role;
  /** Of the newest frame that this process has applied; 0 before the first. */
  readonly term: number;
  readonly position: number;
  /** As far as it is known; undefined after it has left. */
  readonly owner: OwnerInfo | undefined;
  /** How long this standby has seen no frame. */
  readonly quietMs: number;
}

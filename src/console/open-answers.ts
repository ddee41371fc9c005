import { HeldAnswers } from '../http/held-answers.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { consoleLimits } from './limits.ts';
import type { Session, Sessions } from './sessions.ts';

/** Cuts off an answer, so that the client does not take what it has got for the whole of it. */
class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';

  constructor() {
    super(
      'the session of the console has ended: its key was disabled or deleted, or somebody has logged out',
    );
  }
}

/** The answers that are being sent to sessions: event streams, exports, downloads. Each ends with its session. */
export function openAnswers(
  sessions: Pick<Sessions, 'endOver'>,
  clock: Clock,
  log: Log,
): HeldAnswers<Session> {
  return new HeldAnswers({
    clock,
    checkMs: consoleLimits.sessionCheckMs,
    async check(open) {
      try {
        await sessions.endOver(new Set(Array.from(open, ({ holder }) => holder)));
      } catch (error) {
        log.warn({ err: error }, 'the sessions of the console cannot be checked');
      }
    },
    reasonToCut: ({ ended }) => (ended.aborted ? new SessionEndedError() : undefined),
  });
}

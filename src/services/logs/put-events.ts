import type { InputLogEvent, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../protocol/service.ts';
import { invalidParameter } from './errors.ts';
import { logsLimits } from './limits.ts';

/** AWS has ignored sequence tokens since 2023 and still returns one. */
export const SEQUENCE_TOKEN = '0'.repeat(56);

/** Throws InvalidParameterException for a batch that AWS refuses as a whole. */
export function checkBatch(events: readonly Checked<InputLogEvent>[]): void {
  const bytes = events.reduce(
    (sum, { message }) => sum + Buffer.byteLength(message) + logsLimits.putEventOverheadBytes,
    0,
  );
  if (bytes > logsLimits.putBytesMax) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${logsLimits.putBytesMax}`);
  }
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > logsLimits.putSpanMs) {
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
}

/** Which events of a batch, which is in chronological order, are stored, and why the others are not. */
export function acceptedEvents(
  events: readonly Checked<InputLogEvent>[],
  nowMs: number,
  expiredBeforeMs: number,
): { readonly accepted: readonly Checked<InputLogEvent>[]; readonly rejected?: RejectedLogEventsInfo } {
  const before = (ms: number) => events.filter(({ timestamp }) => timestamp < ms).length;
  const tooOld = before(nowMs - logsLimits.putPastMs);
  const expired = before(expiredBeforeMs);
  const tooNew = before(nowMs + logsLimits.putFutureMs + 1);
  const accepted = events.slice(Math.max(tooOld, expired), tooNew);
  if (accepted.length === events.length) return { accepted };
  return {
    accepted,
    rejected: {
      ...(tooNew < events.length ? { tooNewLogEventStartIndex: tooNew } : {}),
      ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
      ...(expired > 0 ? { expiredLogEventEndIndex: expired } : {}),
    },
  };
}

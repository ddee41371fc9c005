import type { PutLogEventsRequest, PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { callKeyOf } from '../../../engine/idempotency-key.ts';
import { ServiceError } from '../../../errors.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { streamNotFound, unavailable } from '../errors.ts';
import { acceptedEvents, checkBatch, SEQUENCE_TOKEN } from '../put-events.ts';
import { groupOf } from '../request.ts';

/**
 * Stores events in a log stream, durable before the response. Events that are too old, too new or expired are reported
 * and left out. A retry with the same amz-sdk-invocation-id stores nothing again. Any sequence token is accepted; an entity is refused in the response, as AWS refuses one that it cannot
 * use.
 */
export async function putLogEvents(
  context: LogsContext,
  input: Checked<PutLogEventsRequest>,
  { invocationId }: CallContext,
): Promise<PutLogEventsResponse> {
  const { logs, clock } = context;
  const { logGroupName, logStreamName: stream, logEvents } = input;
  checkBatch(logEvents);
  const group = await groupOf(context, { logGroupName });
  if (!(await logs.hasStream(logGroupName, stream))) throw streamNotFound();
  const nowMs = clock.now();
  const { accepted, rejected } = acceptedEvents(logEvents, nowMs, logs.expiredBeforeMs(logGroupName));
  if (accepted.length > 0) {
    const putKey = putKeyOf(invocationId, input);
    const events = accepted.map(({ timestamp, message }, index) => ({
      stream,
      timestampMs: timestamp,
      message,
      ingestedMs: nowMs,
      ...(putKey !== undefined && index === accepted.length - 1 ? { putKey } : {}),
    }));
    await group.put(events).catch((error: unknown) => {
      throw error instanceof ServiceError ? error : unavailable();
    });
  }
  return {
    nextSequenceToken: SEQUENCE_TOKEN,
    ...(rejected === undefined ? {} : { rejectedLogEventsInfo: rejected }),
    ...(input.entity === undefined ? {} : { rejectedEntityInfo: { errorType: 'UnsupportedLogGroupType' } }),
  };
}

/** Undefined for a call that cannot be recognized when it is repeated. */
function putKeyOf(
  invocationId: string | undefined,
  { logGroupName, logStreamName, logEvents }: Checked<PutLogEventsRequest>,
): string | undefined {
  const content = Buffer.from(invocationId === undefined ? '' : JSON.stringify(logEvents));
  const key = callKeyOf(invocationId, `${logGroupName}:${logStreamName}`, content);
  return key && Buffer.concat([key.id, key.digest]).toString('base64url');
}

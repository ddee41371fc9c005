import type { GetDeliveryStreamProgressInput, GetDeliveryStreamProgressOutput } from '../api-types.ts';
import { describeDatabase } from '../configuration/database.ts';
import type { Handler } from '../context.ts';
import type { PutLog } from '../direct-put/put-log.ts';

/**
 * Only nagare has this operation. Returns the waiting records, why deliveries fail, what was refused, and destinations
 * unknown to AWS.
 */
export const getDeliveryStreamProgress: Handler<
  GetDeliveryStreamProgressInput,
  GetDeliveryStreamProgressOutput
> = async ({ deliveryStreams }, { DeliveryStreamName }) => {
  const { log, pipeline, row, refusals, id } = deliveryStreams.require(DeliveryStreamName);
  const { kind, settings } = row.destination;
  const failure = pipeline?.failure;
  const refused = refusals.known;
  return {
    DeliveryStreamName,
    DeliveryId: id,
    ...(log !== undefined && (await waitingIn(log))),
    ...(kind === 'Database' && { Database: describeDatabase(settings) }),
    ...(failure !== undefined && { Failure: { Reason: failure.reason, Since: new Date(failure.sinceMs) } }),
    ...(refused !== undefined && {
      Refused: {
        Records: refused.records,
        LastCode: refused.last.code,
        LastMessage: refused.last.message,
        LastTime: new Date(refused.last.timeMs),
      },
    }),
  };
};

async function waitingIn(log: PutLog) {
  const { firstIndex, nextIndex } = log.bounds;
  const [oldest] = firstIndex < nextIndex ? await log.read(firstIndex, { maxRecords: 1, maxBytes: 1 }) : [];
  return {
    WaitingRecords: nextIndex - firstIndex,
    DeliveredUntil: firstIndex,
    ...(oldest !== undefined && { WaitingSince: new Date(oldest.arrivalMs) }),
  };
}

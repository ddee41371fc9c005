import type { GetDeliveryStreamProgressInput, GetDeliveryStreamProgressOutput } from '../api-types.ts';
import { describeDatabase } from '../configuration/database.ts';
import type { Handler } from '../context.ts';

/** Only nagare has this operation. Returns the waiting records, why deliveries fail, and destinations unknown to AWS. */
export const getDeliveryStreamProgress: Handler<
  GetDeliveryStreamProgressInput,
  GetDeliveryStreamProgressOutput
> = ({ deliveryStreams }, { DeliveryStreamName }) => {
  const { log, pipeline, row } = deliveryStreams.require(DeliveryStreamName);
  const { kind, settings } = row.destination;
  const failure = pipeline?.failure;
  return {
    DeliveryStreamName,
    ...(log !== undefined && {
      WaitingRecords: log.bounds.nextIndex - log.bounds.firstIndex,
      DeliveredUntil: log.bounds.firstIndex,
    }),
    ...(kind === 'Database' && { Database: describeDatabase(settings) }),
    ...(failure !== undefined && { Failure: { Reason: failure.reason, Since: new Date(failure.sinceMs) } }),
  };
};

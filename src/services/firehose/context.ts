import type { Checked, Operation } from '../../protocol/service.ts';
import type { DeliveryStreams } from './delivery-streams.ts';

/** The state and dependencies of the operations. */
export interface Firehose {
  readonly deliveryStreams: DeliveryStreams;
}

export type Handler<Input, Output> = Operation<Firehose, Checked<Input>, Output>;

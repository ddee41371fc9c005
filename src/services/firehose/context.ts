import type { Checked, Operation } from '../../protocol/service.ts';
import type { DeliveryStreamList } from './delivery-stream-list.ts';
import type { DeliveryStreams } from './delivery-streams.ts';

/** The state and dependencies of the operations that only read. */
export interface FirehoseReads {
  readonly deliveryStreams: DeliveryStreamList;
}

/** The state and dependencies of all operations. */
export interface Firehose extends FirehoseReads {
  readonly deliveryStreams: DeliveryStreams;
}

export type Handler<Input, Output> = Operation<Firehose, Checked<Input>, Output>;

/** An operation that machines which follow the owner can answer, too. */
export type ReadHandler<Input, Output> = Operation<FirehoseReads, Checked<Input>, Output>;

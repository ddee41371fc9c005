import type { Protocol } from './topic.ts';

/** One message to one endpoint, until it is delivered or discarded. Its lane is the subscription's ARN. */
export interface Delivery {
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
}

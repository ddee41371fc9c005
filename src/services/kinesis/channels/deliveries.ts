import type { Deliveries } from '../../../delivery/deliveries.ts';

/** What channels use of deliveries. */
export type ChannelDeliveries = Pick<Deliveries, 'bucketExists' | 'begin' | 'end' | 'run'>;

import type { Deliveries } from '../../../delivery/deliveries.ts';

/** The part of deliveries that channels use. */
export type ChannelDeliveries = Pick<
  Deliveries,
  'store' | 'metrics' | 'bucketExists' | 'begin' | 'end' | 'run'
>;

import { alarmActions } from './alarms.ts';
import { deliveryActions } from './deliveries.ts';
import { functionActions } from './functions.ts';
import { messagingActions } from './messaging.ts';
import { serverActions } from './server.ts';
import { streamActions } from './streams.ts';

export type { Action } from './action.ts';

/** All that the console does, by what it is called in code. A test walks them. */
export const actions = {
  ...streamActions,
  ...functionActions,
  ...deliveryActions,
  ...messagingActions,
  ...alarmActions,
  ...serverActions,
} as const;

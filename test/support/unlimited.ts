import { Acting, type Actor } from '../../src/auth/authorization/acting.ts';
import type { Permission } from '../../src/auth/authorization/permission.ts';

/** With `--auth off`: nothing limits services. */
export const unlimited = new Acting({ isLimited: false });

export const anyActor: Actor = { service: 'test.amazonaws.com', sourceArn: '' };

/** What a target of a test needs. */
export const needsNothing = (): Permission => ({ action: 'test:Deliver', resource: '*' });

/** For queues of events whose functions are gone. */
export const noFunctions = { describe: () => undefined };

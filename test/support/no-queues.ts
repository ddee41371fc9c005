import type { MessageQueues } from '../../src/services/sqs/message-queues.ts';

const missing = (): Promise<never> => Promise.reject(new Error('there are no queues'));

/** For parts of the server that are opened without SQS. */
export const noQueues: MessageQueues = {
  describe: () => undefined,
  receive: missing,
  delete: missing,
  changeVisibility: missing,
  send: missing,
};

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { clientOptions } from '../support/client.ts';
import { closeMachines, command, masterKeyFile, startMachine, untilServing } from './machines.ts';

after(closeMachines);

/** Each queue wrote a frame of its own, one after the other, and all requests of all clients waited for them. */
test('an owner with many busy queues hands over with a few frames', async () => {
  const store = new MemoryStore();
  const owner = await startMachine(store, await masterKeyFile(), {}, { takeOverAfterMs: 20_000 });
  await untilServing(owner);
  const sqs = new SQSClient(clientOptions(owner.server.endpoint));
  const queues = Array.from({ length: 40 }, (_, n) => `queue-${n}`);
  await Promise.all(
    queues.map(async (QueueName) => {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'in flight' }));
      await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    }),
  );
  sqs.destroy();
  const before = store.next;
  await command(owner, 'demote');
  const frames = store.next - before;
  assert(frames < queues.length / 2, `${frames} frames`);
});

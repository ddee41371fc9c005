import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, spawnServer, temporaryFolder } from '../../support/server.ts';
import { TestQueue } from './queue.ts';

const content = `queues:
  inbox: { visibilityTimeout: 1, deadLetterQueue: received-often, maxReceiveCount: 1 }
  received-often: {}
  undelivered: {}
  done: {}
  given-up: {}
topics:
  news:
    subscriptions:
      - { protocol: sqs, endpoint: inbox, rawMessageDelivery: true, filterPolicy: { kind: [job] } }
      - { protocol: sqs, endpoint: missing, deadLetterQueue: undelivered }
functions:
  work:
    path: ./work.mjs
    eventInvokeConfig:
      maximumRetryAttempts: 0
      onSuccess: arn:aws:sqs:us-east-1:000000000000:done
    deadLetterConfig: { targetArn: arn:aws:sqs:us-east-1:000000000000:given-up }
`;
const handler = `export const handler = async ({ fails }) => {
  if (fails) throw new Error('no');
  return 'done';
};
`;

test('what nagare.yaml ties to queues arrives in them: notifications, records of invocations, dead letters', async (t) => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'work.mjs'), handler);
  await writeFile(join(cwd, 'nagare.yaml'), content);
  const server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const options = clientOptions(server.endpoint);
  const [sqs, sns, lambda] = [new SQSClient(options), new SNSClient(options), new LambdaClient(options)];
  for (const client of [sqs, sns, lambda]) t.after(() => client.destroy());
  const next = async (name: string): Promise<Message> => {
    const queue = new TestQueue(sqs, `${server.endpoint}/000000000000/${name}`);
    const [message] = await queue.receive({ WaitTimeSeconds: 20 });
    assert(message !== undefined, `nothing came to ${name}`);
    return message;
  };
  await sns.send(
    new PublishCommand({
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:news',
      Message: 'a job',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'job' } },
    }),
  );
  const invoke = async (event: object): Promise<void> => {
    const Payload = JSON.stringify(event);
    await lambda.send(new InvokeCommand({ FunctionName: 'work', InvocationType: 'Event', Payload }));
  };
  await Promise.all([invoke({}), invoke({ fails: true })]);

  const { Body } = await next('inbox');
  assert.equal(Body, 'a job');
  const envelope = JSON.parse((await next('undelivered')).Body ?? '') as { Message: string };
  assert.equal(envelope.Message, 'a job');
  const record = JSON.parse((await next('done')).Body ?? '') as { responsePayload: string };
  assert.equal(record.responsePayload, 'done');
  assert.deepEqual(JSON.parse((await next('given-up')).Body ?? ''), { fails: true });

  // Received once, and not deleted: the next receive moves it.
  const again = new TestQueue(sqs, `${server.endpoint}/000000000000/inbox`).receive({ WaitTimeSeconds: 3 });
  assert.equal((await next('received-often')).Body, 'a job');
  assert.deepEqual(await again, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { safeTerminal } from '../../../src/cli/output/safe-terminal.ts';
import { silentTerminal } from '../../../src/cli/terminal.ts';
import { runCommand } from '../../support/command.ts';
import { clientOptions, startTestServer } from '../../support/server.ts';

// The second one is one character, which JSON does not escape.
const hostile = 'a\u001B[2Jb\u009B2J\tc';

test('a terminal obeys nothing that is printed, and a pipe gets it as it is', () => {
  for (const [columns, expected] of [
    [80, 'a\\e[2Jb\\u009b2J\tc\n\u001B[1mbold\u001B[22m'],
    [undefined, `${hostile}\n\u001B[1mbold\u001B[22m`],
  ] as const) {
    const printed: string[] = [];
    const terminal = safeTerminal({
      ...silentTerminal,
      columns,
      showsErrors: columns !== undefined,
      print: (text) => printed.push(text),
      complain: (text) => printed.push(text),
    });
    terminal.print(`${hostile}\n\u001B[1mbold\u001B[22m`);
    terminal.complain(`${hostile}\n\u001B[1mbold\u001B[22m`);
    assert.deepEqual(printed, [expected, expected]);
  }
});

test('a message is inert on a terminal, as text and as JSON that stays JSON', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const sqs = new SQSClient(clientOptions(server.endpoint));
  t.after(() => sqs.destroy());
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'q', Attributes: { VisibilityTimeout: '0' } }),
  );
  const MessageBody = 'a\u009Db';
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = (columns?: number, ...flags: string[]) =>
    runCommand(
      ['queue', 'receive', 'q', ...flags, '--endpoint-url', server.endpoint],
      {},
      {
        ...(columns !== undefined && { columns }),
      },
    );
  assert.equal((await receive(80)).output, 'a\\u009db\n');
  assert.equal((await receive()).output, `${MessageBody}\n`);
  const { output } = await receive(80, '--json');
  assert.ok(!output.includes('\u009D'));
  assert.equal((JSON.parse(output) as { Body: string }[])[0]?.Body, MessageBody);
});

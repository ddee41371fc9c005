/** Each action of the console: it asks before it destroys, names commands that exist, and is in the activity. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Command } from 'commander';
import { programOf } from '../../src/cli/program.ts';
import { silentTerminal } from '../../src/cli/terminal.ts';
import type { RecentChange } from '../../src/audit/recent-changes.ts';
import { firstSteps } from '../../src/console/pages/actions/first-steps.ts';
import { type Action, actions } from '../../src/console/pages/actions/index.ts';
import cloudwatch from '../../src/services/cloudwatch/api.json' with { type: 'json' };
import firehose from '../../src/services/firehose/api.json' with { type: 'json' };
import kinesis from '../../src/services/kinesis/api.json' with { type: 'json' };
import lambda from '../../src/services/lambda/api.json' with { type: 'json' };
import sns from '../../src/services/sns/api.json' with { type: 'json' };
import sqs from '../../src/services/sqs/api.json' with { type: 'json' };
import { startTestServer, type TestServer } from '../support/server.ts';
import { ConsoleClient, type EventClient } from './client.ts';

const uuid = '11111111-2222-3333-4444-555555555555';
const shard = 'shardId-000000000000';
const queue = {
  name: 'jobs',
  url: 'http://127.0.0.1:4566/000000000000/jobs',
  arn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
};
const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';

/** With words that a shell would split, where people can type them. */
const examples: Readonly<Record<keyof typeof actions, Action>> = {
  createStream: actions.createStream('orders', 'PROVISIONED', 1),
  deleteStream: actions.deleteStream('orders'),
  putRecord: actions.putRecord('orders', "it's a key", '{"text": "it\'s $HOME"}'),
  extendRetention: actions.extendRetention('orders', 48),
  shortenRetention: actions.shortenRetention('orders', 24),
  changeMode: actions.changeMode('orders', arn, 'ON_DEMAND'),
  scaleStream: actions.scaleStream('orders', 2),
  splitShard: actions.splitShard('orders', shard, '170141183460469231731687303715884105728'),
  mergeShards: actions.mergeShards('orders', shard, 'shardId-000000000001'),
  invokeFunction: actions.invokeFunction('bill', '{"a": [1, 2]}'),
  pauseMapping: actions.pauseMapping(uuid, 'bill'),
  resumeMapping: actions.resumeMapping(uuid, 'bill'),
  bisectMapping: actions.bisectMapping(uuid, 'bill'),
  skipBatch: actions.skipBatch(uuid, 'bill', shard, 1),
  rewindMapping: actions.rewindMapping(uuid, 'bill', { timeMs: 1_767_225_600_000 }, shard),
  flushDelivery: actions.flushDelivery('lake'),
  retryDelivery: actions.retryDelivery('lake'),
  deleteDelivery: actions.deleteDelivery('lake'),
  forceDeleteDelivery: actions.forceDeleteDelivery('lake', 3),
  deleteChannel: actions.deleteChannel('archive', 'arn:aws:kinesis:us-east-1:000000000000:channel/a'),
  deleteListLog: actions.deleteListLog('log'),
  deleteObject: actions.deleteObject('lake', 'a b/c.txt'),
  sendMessage: actions.sendMessage(queue, 'hello there', { group: 'a group', id: 'id-1' }),
  redriveQueue: actions.redriveQueue(queue, 2),
  redriveMessages: actions.redriveMessages(queue, [{ id: uuid, handle: 'AAAA' }]),
  redriveBatch: actions.redriveBatch(
    queue,
    uuid,
    'arn:aws:lambda:us-east-1:000000000000:function:bill',
    '{"Records": []}',
  ),
  purgeQueue: actions.purgeQueue(queue, 2),
  publish: actions.publish('arn:aws:sns:us-east-1:000000000000:news', 'hello there', 1),
  testAlarm: actions.testAlarm('lag'),
  muteAlarm: actions.muteAlarm('lag'),
  unmuteAlarm: actions.unmuteAlarm('lag'),
  startDemo: actions.startDemo(),
  clearDemo: actions.clearDemo(),
  downloadSupport: actions.downloadSupport(true),
};

/** What is gone cannot be brought back, or work is done again. */
const DESTROYS = /^(?:Delete|Purge|Skip|Rewind|Decrease)/;

const models = { cloudwatch, firehose, kinesis, lambda, sns, sqs } as const;

interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, { readonly members?: object }>>;
}

/** The words of a command, as a shell reads them. */
function words(command: string): string[] {
  const found = command.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? [];
  return found.map((word) => word.replaceAll(/'([^']*)'|\\(')/g, (_, quoted, escaped) => escaped ?? quoted));
}

function kebab(name: string): string {
  return name.replaceAll(/([a-z\d])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2-').toLowerCase();
}

/** Throws for an unknown command, option or missing argument. Returns the path of the command. */
async function parsed(args: readonly string[]): Promise<string> {
  const found: string[] = [];
  const program = programOf(silentTerminal);
  const record = (command: Command, path: readonly string[]): void => {
    for (const child of command.commands) record(child, [...path, child.name()]);
    if (command.commands.length === 0) command.action(() => void found.push(path.join(' ')));
  };
  record(program, []);
  await program.parseAsync(args, { from: 'user' });
  return found.join();
}

/** Checks the operation and the options of a command of the AWS CLI against the API's model. */
function checkAws([service = '', name = '', ...rest]: readonly string[], { call }: Action): void {
  if (service === 's3') return assert.deepEqual([name, call[1]], ['rm', 'DeleteObject']);
  // The keys are those that the console names.
  const model = models[service as keyof typeof models] as Model;
  const operation = Object.keys(model.operations).find((one) => kebab(one) === name);
  assert.equal(operation, call[1]);
  const members = model.shapes[model.operations[operation ?? '']?.input?.shape ?? '']?.members ?? {};
  const known = new Set(['cli-binary-format', ...Object.keys(members).map(kebab)]);
  for (const word of rest.filter((one) => one.startsWith('--'))) {
    assert.ok(known.has(word.replace(/^--(?:no-)?/, '')), `${word} of ${name}`);
  }
}

describe('the actions of the console', () => {
  let server: TestServer;
  let console: ConsoleClient;
  let events: EventClient;

  before(async () => {
    server = await startTestServer();
    console = new ConsoleClient(server.endpoint);
    events = await console.events();
    await events.subscribe('activity', { topic: 'activity' });
  });
  after(async () => {
    await events[Symbol.asyncDispose]();
    await server.close();
  });

  for (const [name, action] of Object.entries(examples)) {
    const { says, confirm, commands, call } = action;
    const [service, operation, input] = call;

    test(`${name} says what it does, and asks first if it destroys`, () => {
      assert.match(says, /^\S.*\.$/);
      assert.equal(confirm !== undefined, DESTROYS.test(operation), operation);
      assert.notEqual(confirm, '');
    });

    test(`${name} names commands that exist, one of nagare first`, async () => {
      assert.match(commands[0] ?? '', /^nagare /);
      for (const command of commands) {
        const [program, ...args] = words(command);
        if (program === 'nagare') {
          assert.notEqual(await parsed(args), '', command);
          assert.equal(args.includes('--yes'), confirm !== undefined, command);
        } else {
          assert.equal(program, 'aws', command);
          checkAws(args, action);
        }
      }
    });

    test(`${name} is in the activity, done or refused`, async () => {
      const body = JSON.stringify(input);
      await (await console.fetch(`call/${service}/${operation}`, { method: 'POST', body })).bytes();
      const change = await events.first('activity', ({ changes }) =>
        (changes as RecentChange[] | undefined)?.find((one) => one.operation === `${service}:${operation}`),
      );
      assert.equal(change.via, 'console');
      assert.notEqual(change.error?.code, 'ValidationException', change.error?.message);
      assert.notEqual(change.error?.code, 'SerializationException', change.error?.message);
    });
  }

  test('empty pages name commands that exist', async () => {
    const { queue, topic, bucket, object } = firstSteps;
    for (const [own = ''] of [queue(), topic(), bucket(), object('lake')]) {
      const [program, ...args] = words(own);
      assert.equal(program, 'nagare');
      assert.notEqual(await parsed(args), '', own);
    }
  });

  test('a read-only console refuses all that change something', async () => {
    await using readOnly = await startTestServer({ console: 'read-only' });
    const client = new ConsoleClient(readOnly.endpoint);
    for (const [name, { call, isRead }] of Object.entries(examples)) {
      if (isRead === true) continue;
      const { content } = await client.post(`call/${call[0]}/${call[1]}`, call[2]);
      assert.equal(content['code'], 'ReadOnly', name);
    }
  });
});

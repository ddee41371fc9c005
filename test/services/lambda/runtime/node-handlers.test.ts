import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { createFunction, invoke, sharedLambda, zip } from '../lambda-server.ts';

function leavingWork(waits: boolean, forMs: number): string {
  return `export const handler = (event, context, callback) => {
    context.callbackWaitsForEmptyEventLoop = ${waits};
    setTimeout(() => console.log('later'), ${forMs});
    callback(null, 'now');
  };`;
}

describe('Node.js handlers', () => {
  const shared = sharedLambda();
  const answers: Readonly<Record<string, readonly [handler: string, answer: unknown]>> = {
    'an async function': ['async (event) => ({ got: event.n })', { got: 1 }],
    'a function that returns a promise': ['(event) => new Promise((done) => done(event.n + 1))', 2],
    'one that calls back': ['(event, context, callback) => { callback(null, event.n); }', 1],
    'one that calls back later': [
      '(event, context, callback) => { setTimeout(() => callback(null, "late"), 20); }',
      'late',
    ],
    'one that ends by context.done': ['(event, context) => { context.done(null, "done"); }', 'done'],
    'one that ends by context.succeed': ['(event, context) => { context.succeed("well"); }', 'well'],
    'one that never answers and has nothing left to do': ['() => {}', null],
    'one that returns nothing': ['async () => {}', null],
    'one that answers in Japanese': ['async () => "流れ"', '流れ'],
    'one whose first answer counts': ['(e, c, callback) => { callback(null, 1); callback(null, 2); }', 1],
  };

  test('of each of these forms', async () => {
    const forms = Object.entries(answers).map(([name, [handler]]) => `${JSON.stringify(name)}: ${handler}`);
    const source = `const forms = { ${forms.join(',\n')} };
      export const api = { forms: { run: (event, context, callback) => forms[event.form](event, context, callback) } };`;
    await createFunction(shared(), 'forms', source, { Handler: 'index.api.forms.run' });
    for (const [form, [, answer]] of Object.entries(answers)) {
      const result = await invoke(shared(), 'forms', { form, n: 1 });
      assert.deepEqual([result.error, result.payload], [undefined, answer], form);
    }
  });

  test('with a callback wait for pending work, unless the handler says otherwise', async () => {
    const server = shared();
    await createFunction(server, 'waits', leavingWork(true, 100));
    await createFunction(server, 'does-not-wait', leavingWork(false, 60_000));
    assert.match((await invoke(server, 'waits')).log, /later/);
    assert.doesNotMatch((await invoke(server, 'does-not-wait')).log, /later/);
  });

  test('can be CommonJS, with JSON beside it, and packages in its node_modules', async () => {
    const server = shared();
    await createFunction(server, 'commonjs', '', {
      Handler: 'lib/main.run',
      Code: {
        ZipFile: zip({
          'lib/main.js': `const { value } = require('dependency'); const facts = require('../facts.json');
            exports.run = async () => ({ value, ...facts, here: require('node:path').basename(__dirname) });`,
          'facts.json': '{"from":"json"}',
          'node_modules/dependency/package.json': '{"main":"index.js"}',
          'node_modules/dependency/index.js': 'exports.value = 7;',
        }),
      },
    });
    assert.deepEqual((await invoke(server, 'commonjs')).payload, { value: 7, from: 'json', here: 'lib' });
  });

  test('find packages beside the server that the zip does not contain, as Lambda provides the AWS SDK', async () => {
    const server = shared();
    const source = `import { KinesisClient } from '@aws-sdk/client-kinesis';
      export const handler = async () => (await new KinesisClient({}).config.region());`;
    await createFunction(server, 'with-sdk', source);
    assert.equal((await invoke(server, 'with-sdk')).payload, 'us-east-1');
  });

  test('get the client context', async () => {
    const server = shared();
    await createFunction(
      server,
      'client',
      'export const handler = async (event, context) => context.clientContext;',
    );
    const clientContext = { custom: { name: '流れ\u007f' }, env: { a: 'b' } };
    const output = await server.client.send(
      new InvokeCommand({
        FunctionName: 'client',
        ClientContext: Buffer.from(JSON.stringify(clientContext)).toString('base64'),
      }),
    );
    assert.deepEqual(JSON.parse(output.Payload?.transformToString() ?? ''), clientContext);
  });
});

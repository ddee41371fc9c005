import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { createFunction, invoke, printed, sharedLambda, zip, type Invoked } from '../lambda-server.ts';

interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

function failure(result: Invoked): Failure {
  assert.equal(result.error, 'Unhandled');
  assert.equal(result.status, 200);
  // What Lambda answers with for any error.
  return result.payload as Failure;
}

describe('the error when a Node.js function', () => {
  const shared = sharedLambda();

  test('throws, rejects or calls back with an error', async () => {
    const source = `const forms = {
      rejects: async () => { throw new TypeError('rejected'); },
      throws: () => { throw new RangeError('thrown'); },
      calls: (event, context, callback) => { callback(new Error('called back')); },
      fails: (event, context) => { context.fail(new Error('failed')); },
      text: async () => { throw 'text'; },
      circular: async () => { const ring = {}; ring.ring = ring; return ring; },
      never: async () => { await new Promise(() => {}); },
    };
    export const handler = (event, ...rest) => forms[event.form](event, ...rest);`;
    await createFunction(shared(), 'errs', source);
    const told = async (form: string) => {
      const { errorType, errorMessage } = failure(await invoke(shared(), 'errs', { form }));
      return [errorType, errorMessage.split('\n')[0]];
    };
    assert.deepEqual(await told('rejects'), ['TypeError', 'rejected']);
    assert.deepEqual(await told('throws'), ['RangeError', 'thrown']);
    assert.deepEqual(await told('calls'), ['Error', 'called back']);
    assert.deepEqual(await told('fails'), ['Error', 'failed']);
    assert.deepEqual(await told('text'), ['string', 'text']);
    const [type, message] = await told('circular');
    assert.equal(type, 'Runtime.MarshalError');
    assert.match(message ?? '', /^Unable to stringify response body: /);
    assert.equal((await told('never'))[0], 'Runtime.NodeJsExit');
  });

  test('throws: the log has the error, the trace has the place, and the process stays warm', async () => {
    const source = `let calls = 0;
      export const handler = async () => { if (++calls === 1) throw Object.assign(new Error('oh'), { code: 'E1' }); return calls; };`;
    await createFunction(shared(), 'once', source);
    const first = await invoke(shared(), 'once');
    assert.match(failure(first).trace?.[1] ?? '', /index\.mjs:2/);
    assert.match(
      first.log,
      /\tERROR\tInvoke Error \t\{"errorType":"Error","errorMessage":"oh","code":"E1","stack":/,
    );
    assert.match(first.log, /Status: error\tError Type: Error/);
    assert.equal((await invoke(shared(), 'once')).payload, 2);
  });

  test('leaves an error or a rejection unhandled', async () => {
    const source = `export const handler = (event, context, callback) => {
      if (event.form === 'exception') setTimeout(() => { throw new Error('in a timer'); });
      else Promise.reject(new Error('lost'));
      setTimeout(callback, 1000, null, 'not reached');
    };`;
    await createFunction(shared(), 'loose', source);
    const thrown = failure(await invoke(shared(), 'loose', { form: 'exception' }));
    assert.deepEqual([thrown.errorType, thrown.errorMessage], ['Error', 'in a timer']);
    const rejected = failure(await invoke(shared(), 'loose', { form: 'rejection' }));
    assert.deepEqual(
      [rejected.errorType, rejected.errorMessage],
      ['Runtime.UnhandledPromiseRejection', 'Error: lost'],
    );
  });

  test('exits, or is killed', async () => {
    const source = `let calls = 0;
      export const handler = async (event) => {
        calls++;
        if (event.signal) process.kill(process.pid, event.signal);
        else if (event.code !== undefined) process.exit(event.code);
        else return calls;
        await new Promise((done) => setTimeout(done, 1000));
      };`;
    await createFunction(shared(), 'exits', source);
    const told = async (event: object) => {
      const { errorType, errorMessage } = failure(await invoke(shared(), 'exits', event));
      return [errorType, errorMessage.replace(/^RequestId: [0-9a-f-]{36} /, '')];
    };
    assert.deepEqual(await told({ code: 3 }), [
      'Runtime.ExitError',
      'Error: Runtime exited with error: exit status 3',
    ]);
    assert.deepEqual(await told({ code: 0 }), [
      'Runtime.ExitError',
      'Error: Runtime exited without providing a reason',
    ]);
    assert.deepEqual(await told({ signal: 'SIGKILL' }), [
      'Runtime.ExitError',
      'Error: Runtime exited with error: signal: killed',
    ]);
    assert.equal((await invoke(shared(), 'exits')).payload, 1);
  });

  test('exits before it takes an invocation, again and again: calls fail at once', async () => {
    const { client, metrics } = shared();
    await createFunction(shared(), 'loop', 'process.exit(3); export const handler = () => {};');
    const payloads: string[] = [];
    for (let call = 0; call < 6; call++) {
      const { errorType, errorMessage } = failure(await invoke(shared(), 'loop'));
      payloads.push(`${errorType} ${errorMessage.replace(/[0-9a-f-]{36}/, 'ID')}`);
    }
    const exit = 'Runtime.ExitError RequestId: ID Error: Runtime exited with error: exit status 3';
    assert.deepEqual(new Set(payloads), new Set([exit]));
    const counted = [...metrics].filter(({ identity }) => identity.namespace === 'Nagare/Lambda');
    assert.deepEqual(
      new Set(counted.map(({ identity }) => identity.name)),
      new Set(['FailedStarts', 'FailedAtOnce']),
    );
    await client.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'loop',
        ZipFile: zip({ 'index.mjs': 'export const handler = () => 1;' }),
      }),
    );
    assert.equal((await invoke(shared(), 'loop')).error, undefined);
  });

  test('times out: it is killed, whatever it does', async () => {
    const source = `export const handler = async (event) => {
      console.log('before');
      if (event.loop) for (;;);
      await new Promise((done) => setTimeout(done, 60_000));
    };`;
    await createFunction(shared(), 'slow', source, { Timeout: 1 });
    for (const event of [{ loop: false }, { loop: true }]) {
      const began = performance.now();
      const result = await invoke(shared(), 'slow', event);
      const { errorType, errorMessage } = failure(result);
      assert.equal(errorType, 'Sandbox.Timedout');
      assert.match(errorMessage, /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
      assert.match(
        result.log,
        /\tINFO\tbefore\n.*Task timed out after 1\.00 seconds\nEND .*\nREPORT .*Status: timeout/,
      );
      // The handler would take a minute, or for ever.
      assert.ok(performance.now() - began < 40_000);
    }
  });

  test('returns more than 6 MB', async () => {
    const source = `export const handler = async (event) => 'x'.repeat(event.bytes - 2);`;
    await createFunction(shared(), 'much', source, { Timeout: 10 });
    const most = 6 * 1024 * 1024 + 100;
    const fits = await invoke(shared(), 'much', { bytes: most });
    assert.equal(String(fits.payload).length, most - 2);
    assert.deepEqual(failure(await invoke(shared(), 'much', { bytes: most + 1 })), {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${most} bytes).`,
    });
  });

  test('cannot be loaded', async () => {
    const broken: Readonly<
      Record<string, readonly [files: Record<string, string>, type: string, says: RegExp]>
    > = {
      absent: [{ 'other.js': '' }, 'Runtime.ImportModuleError', /^Error: Cannot find module 'index'/],
      lacking: [
        { 'index.js': "require('no-such-package')" },
        'Runtime.ImportModuleError',
        /^Error: Cannot find module 'no-such-package'/,
      ],
      nameless: [
        { 'index.js': 'exports.other = 1' },
        'Runtime.HandlerNotFound',
        /^index\.handler is undefined or not exported$/,
      ],
      unfit: [
        { 'index.js': 'exports.handler = 1' },
        'Runtime.HandlerNotFound',
        /^index\.handler is not a function$/,
      ],
      syntax: [{ 'index.mjs': 'export const = 1' }, 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
      throwing: [{ 'index.mjs': "throw new Error('at once')" }, 'Error', /^at once$/],
      ending: [{ 'index.mjs': 'process.exit(5)' }, 'Runtime.ExitError', /exit status 5$/],
    };
    for (const [name, [files]] of Object.entries(broken)) {
      await createFunction(shared(), name, '', { Code: { ZipFile: zip(files) } });
    }
    await Promise.all(
      Object.entries(broken).map(async ([name, [, type, says]]) => {
        const { errorType, errorMessage } = failure(await invoke(shared(), name));
        assert.equal(errorType, type, name);
        assert.match(errorMessage, says, name);
      }),
    );
  });

  // Lambda brings the SDK, and in a checkout of nagare there happens to be one: a package of nagare has none.
  test('lacks the AWS SDK, with how to install it', async () => {
    const lacking: Readonly<Record<string, readonly [files: Record<string, string>, name: string]>> = {
      required: [{ 'index.js': "require('@aws-sdk/client-dynamodb')" }, '@aws-sdk/client-dynamodb'],
      imported: [{ 'index.mjs': "import '@aws-sdk/client-ecs'" }, '@aws-sdk/client-ecs'],
      deep: [{ 'index.mjs': "import '@aws-sdk/lib-dynamodb/dist/x.js'" }, '@aws-sdk/lib-dynamodb'],
      later: [
        { 'index.mjs': "export const handler = async () => import('@aws-sdk/client-ec2')" },
        '@aws-sdk/client-ec2',
      ],
    };
    for (const [name, [files, packageName]] of Object.entries(lacking)) {
      await createFunction(shared(), name, '', { Code: { ZipFile: zip(files) } });
      const result = await invoke(shared(), name);
      const { errorMessage } = failure(result);
      assert.match(errorMessage, /Cannot find (module|package)/, name);
      const remedy = `run \`npm install ${packageName}\` in the handler's folder or where you start nagare`;
      assert.ok(errorMessage.includes(remedy), errorMessage);
      assert.equal(errorMessage.split(remedy).length, 2, 'once');
      const { trace = [] } = failure(result);
      assert.equal(trace.join('\n').split(remedy).length, 2, `once in the trace:\n${trace.join('\n')}`);
      assert.doesNotMatch(result.log, /\tundefined\t/);
    }
    const files = { 'index.js': "require('aws-sdk-of-another')" };
    await createFunction(shared(), 'other', '', { Code: { ZipFile: zip(files) } });
    assert.doesNotMatch(failure(await invoke(shared(), 'other')).errorMessage, /npm install/);
  });

  test('prints a megabyte: all of it is stored, and it succeeds', async () => {
    const source = `export const handler = async () => {
      for (let line = 0; line < 1000; line++) console.log(String(line).padStart(4, '0') + 'x'.repeat(1020));
      process.stdout.write('y'.repeat(1024 * 1024));
      return 'printed';
    };`;
    await createFunction(shared(), 'loud', source, { Timeout: 20 });
    const result = await invoke(shared(), 'loud');
    assert.equal(result.payload, 'printed');
    assert.equal(Buffer.byteLength(result.log), 4096);
    const kept = await printed(shared(), 'loud');
    const lines = kept.filter((message) => message.includes('\tINFO\t'));
    assert.deepEqual(
      lines.map((line) => Number(/\tINFO\t(\d{4})x/.exec(line)?.[1])),
      Array.from({ length: 1000 }, (_, line) => line),
    );
    assert.equal(kept.filter((message) => message.startsWith('yyy')).join('').length, 1024 * 1024);
    assert.match(kept.at(-1) ?? '', /^REPORT /);
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { createFunction, invoke, printed, sharedLambda, zip } from '../lambda-server.ts';

/** Undefined when the machine has none. */
function pythonVersion(): string | undefined {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

const noPython = pythonVersion() === undefined && 'there is no python3 on this machine';

describe('Python handlers', { skip: noPython }, () => {
  const shared = sharedLambda();
  const create = (name: string, files: Record<string, string>, handler = 'main.handler') =>
    createFunction(shared(), name, '', {
      Runtime: 'python3.13',
      Handler: handler,
      Code: { ZipFile: zip(files) },
    });

  test('get the event and a context; their result is returned, their output is stored', async () => {
    await create(
      'py',
      {
        'lib/__init__.py': '',
        'lib/main.py': `
import logging, os, sys
from lib.helper import double
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("printed", event["n"])
    print("two\\nlines")
    logging.getLogger().warning("a %s\\nof two lines", "warning")
    sys.stdout.write("unfinished")
    return {"n": double(event["n"]), "calls": calls, "name": context.function_name, "text": "流れ",
            "left": context.get_remaining_time_in_millis() > 1000, "root": os.environ["LAMBDA_TASK_ROOT"] == os.getcwd()}
`,
        'lib/helper.py': 'def double(n): return 2 * n',
      },
      'lib/main.handler',
    );
    const expected = { n: 42, calls: 1, name: 'py', text: '流れ', left: true, root: true };
    assert.deepEqual((await invoke(shared(), 'py', { n: 21 })).payload, expected);
    const second = await invoke(shared(), 'py', { n: 1 });
    assert.deepEqual(second.payload, { ...expected, n: 2, calls: 2 });
    const kept = (await printed(shared(), 'py')).slice(0, 7);
    assert.match(kept[0] ?? '', /^START /);
    assert.deepEqual(kept.slice(1, 4), ['printed 21', 'two', 'lines']);
    assert.match(
      kept.slice(4, 6).join('|'),
      /\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\ta warning\nof two lines/,
    );
    assert.ok(kept.slice(4, 6).includes('unfinished'));
    assert.match(kept[6] ?? '', /^END /);
  });

  test("fail with Lambda's messages", async () => {
    await create('pyfail', {
      'main.py': `
import sys
def handler(event, context):
    if event["form"] == "raise": raise ValueError("no")
    if event["form"] == "exit": sys.exit(3)
    if event["form"] == "set": return {1, 2}
    return event
`,
    });
    const raised = await invoke(shared(), 'pyfail', { form: 'raise' });
    assert.equal(raised.error, 'Unhandled');
    const { errorType, errorMessage, stackTrace } = raised.payload as Record<string, unknown>;
    assert.deepEqual([errorType, errorMessage], ['ValueError', 'no']);
    assert.match(
      String(stackTrace),
      /main\.py", line 4, in handler\n\s+if event\["form"\] == "raise": raise ValueError/,
    );
    assert.match(raised.log, /\[ERROR\] ValueError: no\nTraceback \(most recent call last\):/);
    const set = (await invoke(shared(), 'pyfail', { form: 'set' })).payload as Record<string, unknown>;
    assert.equal(set['errorType'], 'Runtime.MarshalError');
    const exit = (await invoke(shared(), 'pyfail', { form: 'exit' })).payload as Record<string, unknown>;
    assert.match(String(exit['errorMessage']), /Runtime exited with error: exit status 3$/);
    assert.deepEqual((await invoke(shared(), 'pyfail', { form: 'echo' })).payload, { form: 'echo' });
  });

  test('that cannot be loaded say why', async () => {
    await create('pyimport', { 'main.py': 'import no_such_module' });
    await create('pysyntax', { 'main.py': 'def handler(:' });
    await create('pynone', { 'main.py': '' });
    const server = shared();
    const told = async (name: string) => {
      const { errorType, errorMessage } = (await invoke(server, name)).payload as Record<string, unknown>;
      return `${String(errorType)}: ${String(errorMessage)}`;
    };
    assert.equal(
      await told('pyimport'),
      "Runtime.ImportModuleError: Unable to import module 'main': No module named 'no_such_module'",
    );
    assert.match(await told('pysyntax'), /^Runtime\.UserCodeSyntaxError: Syntax error in module 'main': /);
    assert.equal(await told('pynone'), "Runtime.HandlerNotFound: Handler 'handler' missing on module 'main'");
  });
});

describe('functions with their own runtime', () => {
  const shared = sharedLambda();
  const create = (name: string, bootstrap: string, mode = 0o100755) =>
    createFunction(shared(), name, '', {
      Runtime: 'provided.al2023',
      Code: { ZipFile: zipSync({ bootstrap: [strToU8(bootstrap), { os: 3, attrs: mode * 65536 }] }) },
    });

  test('use the Runtime API in any language', async () => {
    await create(
      'own',
      `#!${process.execPath}
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/';
(async () => {
  for (;;) {
    const next = await fetch(api + 'invocation/next');
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const event = await next.json();
    const wrong = await fetch(api + 'invocation/other/response', { method: 'POST', body: '1' });
    const answer = { event, wrong: wrong.status, handler: process.env._HANDLER };
    const accepted = await fetch(api + 'invocation/' + id + (event.fail ? '/error' : '/response'), {
      method: 'POST',
      headers: event.fail ? { 'Lambda-Runtime-Function-Error-Type': 'Own.Error' } : {},
      body: JSON.stringify(event.fail ? { errorType: 'Own.Error', errorMessage: 'so it is' } : answer),
    });
    console.log(accepted.status);
  }
})();
`,
    );
    const answer = { event: { n: 1 }, wrong: 400, handler: 'index.handler' };
    assert.deepEqual((await invoke(shared(), 'own', { n: 1 })).payload, answer);
    const failed = await invoke(shared(), 'own', { fail: true });
    assert.deepEqual(
      [failed.error, failed.payload],
      ['Unhandled', { errorType: 'Own.Error', errorMessage: 'so it is' }],
    );
  });

  test('that use the Runtime API in the wrong order are refused, and go on', async () => {
    await create(
      'unruly',
      `#!${process.execPath}
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/';
const post = (path, body, headers = {}) => fetch(api + path, { method: 'POST', body, headers });
(async () => {
  for (;;) {
    const next = await fetch(api + 'invocation/next');
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const event = await next.json();
    if (event.stream) {
      await post('invocation/' + id + '/response', '1', { 'Lambda-Runtime-Function-Response-Mode': 'streaming' });
      continue;
    }
    const again = await fetch(api + 'invocation/next');
    const late = await post('init/error', '{}');
    const told = [again.status, late.status, next.headers.get('lambda-runtime-invoked-function-arn')];
    await post('invocation/' + id + '/response', JSON.stringify(told));
    if ((await post('invocation/' + id + '/response', '2')).status !== 400) process.exit(1);
  }
})();
`,
    );
    const server = shared();
    const told = [403, 403, 'arn:aws:lambda:us-east-1:000000000000:function:unruly'];
    assert.deepEqual((await invoke(server, 'unruly')).payload, told);
    assert.deepEqual((await invoke(server, 'unruly', { stream: true })).payload, {
      errorType: 'Runtime.InvalidResponseModeHeader',
      errorMessage: 'nagare does not support response streaming yet',
    });
    assert.deepEqual((await invoke(server, 'unruly')).payload, told);
  });

  test('that cannot be started say why', async () => {
    await create('plain', '#!/bin/sh', 0o100644);
    await createFunction(shared(), 'none', '', { Runtime: 'provided.al2023' });
    const server = shared();
    const told = async (name: string) => {
      const { errorType, errorMessage } = (await invoke(server, name)).payload as Record<string, unknown>;
      return `${String(errorType)} ${String(errorMessage)}`;
    };
    assert.match(
      await told('plain'),
      /^Runtime\.InvalidEntrypoint RequestId: .* fork\/exec .*bootstrap: permission denied$/,
    );
    assert.match(
      await told('none'),
      /^Runtime\.InvalidEntrypoint RequestId: .* Couldn't find valid bootstrap\(s\): \[.*\]$/,
    );
  });
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createFunction, invoke, sharedLambda, zip } from '../lambda-server.ts';
import { skipWithout } from './level.ts';
import { spy, type Spied } from './spy.ts';

for (const level of ['strict', 'user'] as const) {
  describe(`a function with isolation ${level}`, { skip: await skipWithout(level) }, () => {
    process.env['SECRET_OF_SERVER'] = 'SECRET_OF_SERVER';
    const shared = sharedLambda({ isolation: level, closeGraceMs: 500 });
    const spied = async (): Promise<Spied> => {
      const { folder } = shared();
      await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
      await writeFile(join(folder, 'keys/master.key'), 'THE KEY', { mode: 0o600 });
      const secretFile = join(folder, 'secret');
      await writeFile(secretFile, 'THE SECRET', { mode: 0o600 });
      const { payload } = await invoke(shared(), 'spy', { pid: process.pid, folder, secretFile });
      // As `spy` answers.
      return payload as Spied;
    };

    test('reaches nothing of the server: no environment, memory, files, keys or signals', async () => {
      await createFunction(shared(), 'spy', spy, { Timeout: 20 });
      const { said, user, environment, status } = await spied();
      // Its own init, in namespaces, is process 1: to be stopped by it is no harm to others.
      const free = level === 'user' ? ['all signals', 'a namespace'] : ['all signals'];
      const got = Object.entries(said)
        .filter(([name, what]) => !what.startsWith('refused') && !/ (of|to) 1$/.test(name))
        .map(([name]) => name);
      assert.deepEqual(got, free);
      assert.equal(environment, false);
      assert.notEqual(user, process.getuid?.());
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      for (const kind of ['CapPrm', 'CapEff', 'CapInh', 'CapAmb'])
        assert.match(status, new RegExp(`^${kind}:\\s+0+$`, 'm'));
      assert.equal(existsSync(join(shared().folder, 'engine/evil')), false);
      assert.ok((await readdir(shared().folder)).includes('engine'));
    });

    test(
      "has no more memory than its MemorySize and the language's base, in heap, buffers or children",
      { timeout: 180_000 },
      async () => {
        const bombs = `
        import { spawnSync } from 'node:child_process';
        const hold = [];
        export const handler = async ({ kind }) => {
          if (kind === 'none') return 'fine';
          for (let n = 0; n < 400; n++) {
            if (kind === 'heap') hold.push(new Array(1.25e6).fill(n));
            else if (kind === 'buffers') hold.push(Buffer.alloc(1e7, 1));
            else spawnSync(process.execPath, ['-e', 'const hold = []; for (;;) { hold.push(Buffer.alloc(1e7, 1)); if (hold.length === 400) break; } setTimeout(() => {}, 60000)'], { timeout: 50000 });
            await new Promise((done) => setTimeout(done, 5));
          }
          return 'held four gigabytes';
        };`;
        await createFunction(shared(), 'bombs', bombs, { Timeout: 50, MemorySize: 128 });
        for (const kind of ['heap', 'buffers', 'children']) {
          const { error, payload } = await invoke(shared(), 'bombs', { kind });
          assert.equal(error, 'Unhandled', kind);
          assert.match(JSON.stringify(payload), /Runtime exited with error: signal: (killed|aborted)/, kind);
        }
        assert.equal((await invoke(shared(), 'bombs', { kind: 'none' })).payload, 'fine');
      },
    );

    test("has Lambda's limits of processes, open files and /tmp", { timeout: 180_000 }, async () => {
      const bombs = `
        import fs from 'node:fs';
        import os from 'node:os';
        import { spawnSync } from 'node:child_process';
        export const handler = async ({ kind }) => {
          let n = 0;
          const open = [];
          try {
            if (kind === 'files') for (;; n++) open.push(fs.openSync('/dev/null'));
            if (kind === 'disk') for (const block = Buffer.alloc(1 << 20);; n++) fs.appendFileSync(os.tmpdir() + '/x', block);
          } catch (error) { for (const file of open) fs.closeSync(file); return { n, code: error.code }; }
          const bomb = 'n=0; while [ $n -lt 3000 ]; do sleep 60 >/dev/null 2>&1 & n=$((n+1)); echo $n; done';
          const { stdout, stderr } = spawnSync('/bin/sh', ['-c', bomb], { encoding: 'utf8', timeout: 40_000 });
          return { n: Number(stdout.trim().split('\\n').at(-1)), code: stderr };
        };`;
      await createFunction(shared(), 'many', bombs, { Timeout: 50, MemorySize: 512 });
      const disk = (await invoke(shared(), 'many', { kind: 'disk' })).payload as {
        n: number;
        code: string;
      };
      assert.ok(['ENOSPC', 'EFBIG'].includes(disk.code), disk.code);
      assert.ok(disk.n <= 512, String(disk.n));
      const files = (await invoke(shared(), 'many', { kind: 'files' })).payload as {
        n: number;
        code: string;
      };
      assert.equal(files.code, 'EMFILE');
      assert.ok(files.n < 1024, String(files.n));
      const processes = (await invoke(shared(), 'many', { kind: 'processes' })).payload as {
        n: number;
        code: string;
      };
      assert.match(processes.code, /fork/i);
      assert.ok(processes.n > 100 && processes.n < 1024, String(processes.n));
    });

    test('in Python has the same limits', { timeout: 180_000 }, async () => {
      const source = `
def handler(event, context):
    hold = []
    for _ in range(400):
        hold.append(b"x" * 10_000_000)
    return len(hold)
`;
      await createFunction(shared(), 'pybomb', '', {
        Runtime: 'python3.13',
        Handler: 'main.handler',
        Timeout: 50,
        Code: { ZipFile: zip({ 'main.py': source }) },
      });
      const { error, payload } = await invoke(shared(), 'pybomb');
      assert.equal(error, 'Unhandled');
      assert.match(JSON.stringify(payload), /signal: killed|MemoryError/);
    });
  });
}

describe('a function in separate namespaces', { skip: await skipWithout('strict') }, () => {
  const shared = sharedLambda({ isolation: 'strict' });

  test("sees itself, its code at /var/task, and the system's programs", async () => {
    const { folder } = shared();
    await createFunction(shared(), 'spy', spy, { Timeout: 20 });
    const { payload } = await invoke(shared(), 'spy', { pid: process.pid, folder, secretFile: '/x' });
    // As `spy` answers.
    const { processes, root, task } = payload as Spied;
    assert.ok(processes <= 3, String(processes));
    assert.equal(task, '/var/task');
    for (const name of ['home', 'root', 'run', 'mnt', 'sys'])
      assert.ok(!root.includes(name) || name === 'root', name);
  });

  test('reports errors with paths below /var/task, as Lambda does', async () => {
    await createFunction(
      shared(),
      'throws',
      `export const handler = async () => { throw new Error('here'); };`,
    );
    const { payload } = await invoke(shared(), 'throws');
    // As Lambda answers when a handler throws.
    const { trace } = payload as { trace: string[] };
    assert.match(trace[1] ?? '', /file:\/\/\/var\/task\/index\.mjs:1:/);
    assert.doesNotMatch(JSON.stringify(payload), new RegExp(shared().folder));
  });

  test('has a private /tmp that is empty at the start', async () => {
    const source = `import fs from 'node:fs';
      export const handler = async () => { const before = fs.readdirSync('/tmp'); fs.writeFileSync('/tmp/mine', ''); return before.filter((name) => name === 'mine'); };`;
    await createFunction(shared(), 'tmp1', source);
    await createFunction(shared(), 'tmp2', source);
    assert.deepEqual((await invoke(shared(), 'tmp1')).payload, []);
    assert.deepEqual((await invoke(shared(), 'tmp1')).payload, ['mine']);
    assert.deepEqual((await invoke(shared(), 'tmp2')).payload, []);
  });

  test('beside the data folder sees its own folder and packages, but not the data', async () => {
    const { folder } = shared();
    const project = join(folder, 'project with blanks');
    await mkdir(join(project, 'node_modules/greeting'), { recursive: true });
    await writeFile(join(project, 'node_modules/greeting/index.js'), `module.exports = 'hello';`);
    await writeFile(
      join(folder, 'beside.cjs'),
      `const fs = require('fs');
       exports.handler = async () => ({ names: fs.readdirSync(__dirname), engine: fs.existsSync(__dirname + '/engine/format.json') || fs.readdirSync(__dirname).includes('x') , functions: fs.existsSync(__dirname + '/functions') ? fs.readdirSync(__dirname + '/functions') : [] });`,
    );
    await writeFile(
      join(project, 'handler.cjs'),
      `const fs = require('fs');
       exports.handler = async () => { let wrote = 'yes'; try { fs.writeFileSync(__dirname + '/x', ''); } catch (error) { wrote = error.code; } return [require('greeting'), wrote, __dirname]; };`,
    );
    const { lambda } = shared();
    lambda.declareFunction({ name: 'beside', path: join(folder, 'beside.cjs'), handler: 'handler' });
    lambda.declareFunction({ name: 'blank', path: join(project, 'handler.cjs'), handler: 'handler' });
    const beside = (await invoke(shared(), 'beside')).payload as { functions: string[] };
    assert.deepEqual(beside.functions, []);
    const [greeting, wrote, at] = (await invoke(shared(), 'blank')).payload as string[];
    assert.deepEqual([greeting, at], ['hello', project]);
    assert.ok(wrote === 'EROFS' || wrote === 'EACCES', wrote);
    await rm(project, { recursive: true });
  });

  test('finds the packages of its workspace, and is told what else it cannot see', async () => {
    const { folder, lambda } = shared();
    const project = join(folder, 'workspace');
    for (const name of ['node_modules/@scope', 'packages/one', 'packages/two', 'functions', 'shared'])
      await mkdir(join(project, name), { recursive: true });
    await writeFile(join(project, 'packages/one/index.js'), `module.exports = 'one';`);
    await writeFile(join(project, 'packages/two/index.js'), `module.exports = 'two';`);
    await writeFile(join(project, 'shared/secret.js'), `module.exports = 'secret';`);
    await symlink('../packages/one', join(project, 'node_modules/one'));
    await symlink('../../packages/two', join(project, 'node_modules/@scope/two'));
    await symlink('../nowhere', join(project, 'node_modules/dangling'));
    const linked = join(project, 'functions/linked.cjs');
    await writeFile(linked, `exports.handler = async () => [require('one'), require('@scope/two')];`);
    const outside = join(project, 'functions/outside.mjs');
    await writeFile(outside, `import '../shared/secret.js';\nexport const handler = async () => {};`);
    lambda.declareFunction({ name: 'linked', path: linked, handler: 'handler' });
    lambda.declareFunction({ name: 'outside', path: outside, handler: 'handler' });
    assert.deepEqual((await invoke(shared(), 'linked')).payload, ['one', 'two']);
    const { payload } = await invoke(shared(), 'outside');
    // As Lambda answers when a handler cannot be loaded.
    const { errorType, errorMessage } = payload as { errorType: string; errorMessage: string };
    assert.equal(errorType, 'Runtime.ImportModuleError');
    assert.match(errorMessage, /Cannot find module .*shared\/secret\.js/);
    assert.match(
      errorMessage,
      /isolation `strict` a function sees only its handler's folder .*--function-isolation off/,
    );
    await rm(project, { recursive: true });
  });

  test('reaches 127.0.0.1, where the server listens', async () => {
    const source = `export const handler = async () => (await fetch(process.env.AWS_ENDPOINT_URL)).status;`;
    await createFunction(shared(), 'calls', source, { Timeout: 10 });
    assert.equal(typeof (await invoke(shared(), 'calls')).payload, 'number');
  });

  test('does not pass its variables to the programs that set up its isolation', async () => {
    const LD_PRELOAD = '/var/task/evil.so';
    await createFunction(shared(), 'preload', `export const handler = async () => process.env.LD_PRELOAD;`, {
      Environment: { Variables: { LD_PRELOAD, PATH: '/var/task', QUOTES: `a'b"c\n$(id)` } },
    });
    const { payload, log } = await invoke(shared(), 'preload');
    assert.equal(payload, LD_PRELOAD);
    // The loader complains once for the function's own program, and for none before it.
    assert.ok((log.match(/cannot be preloaded/g) ?? []).length <= 1, log);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { mainPath } from './support/server.ts';

/** Runs `nagare --version` by a Node that says it is another one, and has no compile cache, as Node 20. */
async function onNode(version: string) {
  const disguise = `
    import module, { syncBuiltinESMExports } from 'node:module';
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    if (Number.parseInt('${version}') < 22) delete module.enableCompileCache;
    syncBuiltinESMExports();`;
  const preload = `data:text/javascript,${encodeURIComponent(disguise)}`;
  const child = spawn(process.execPath, ['--import', preload, mainPath, '--version']);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

// On Node 20 the command once showed the stack of a SyntaxError: node:module has no enableCompileCache there.
test('a Node that is too old is told in one line which one is needed', async () => {
  for (const version of ['18.20.8', '20.20.2', '22.17.1']) {
    assert.deepEqual(await onNode(version), {
      code: 1,
      errors: `nagare needs Node 22.18 or newer; this is ${version}\n`,
    });
  }
});

test('from the first one that is new enough on, it runs', async () => {
  for (const version of ['22.18.0', '23.0.0', '24.1.0']) {
    assert.deepEqual(await onNode(version), { code: 0, errors: '' });
  }
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { mainPath } from './support/server.ts';

/** Runs nagare by a Node that says it is another one, and has no compile cache, as Node 20. */
async function onNode(version: string, argument: string) {
  const disguise = `
    import module, { syncBuiltinESMExports } from 'node:module';
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    if (Number.parseInt('${version}') < 22) delete module.enableCompileCache;
    syncBuiltinESMExports();`;
  const preload = `data:text/javascript,${encodeURIComponent(disguise)}`;
  const child = spawn(process.execPath, ['--import', preload, mainPath, argument]);
  let errors = '';
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors, output };
}

// On Node 20 the command once showed the stack of a SyntaxError: node:module has no enableCompileCache there.
test('on a Node that is too old, one line says which version is required', async () => {
  for (const version of ['18.20.8', '20.20.2', '22.17.1']) {
    const line = `nagare requires Node 22.18 or newer; this is ${version}\n`;
    assert.deepEqual(await onNode(version, 'doctor'), { code: 1, errors: line, output: '' });
    const asked = await onNode(version, '--version');
    assert.deepEqual({ ...asked, output: '' }, { code: 0, errors: '', output: '' });
    assert.match(asked.output, /^\d+\.\d+\.\d+\n$/);
    const help = await onNode(version, '--help');
    assert.equal(help.code, 0);
    assert.ok(help.output.startsWith('Usage: nagare') && help.output.endsWith(line), help.output);
  }
});

test('runs on the oldest supported Node', async () => {
  for (const version of ['22.18.0', '23.0.0', '24.1.0']) {
    const { code, errors } = await onNode(version, '--version');
    assert.deepEqual({ code, errors }, { code: 0, errors: '' });
  }
});

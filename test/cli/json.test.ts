import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { factsText } from '../../src/cli/output/facts.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, mainPath, startTestServer, temporaryFolder } from '../support/server.ts';

type Json = Readonly<Record<string, unknown>>;

test('commands on a stopped data folder print their reports as JSON', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('a') }));
  kinesis.destroy();
  await server.stop();
  const run = async (...args: string[]) => {
    const { code, output, errors } = await runCommand([...args, '--data-dir', server.dataDir, '--json']);
    assert.equal(code, 0, errors);
    return JSON.parse(output) as Json;
  };
  for (const command of ['verify', 'scrub']) {
    const { checked, findings } = await run(command);
    assert.deepEqual(findings, []);
    assert.ok(((checked as { record?: number }).record ?? 0) > 0, command);
  }
  assert.partialDeepStrictEqual(await run('repair', '--dry-run'), { findings: [], lost: [], dryRun: true });
  const target = join(await temporaryFolder(), 'copy');
  assert.deepEqual(await run('backup', target), { DataDir: server.dataDir, Target: target });
  const { accessKeyId, secretAccessKey } = await run('key', 'init');
  assert.match(String(accessKeyId), /^AKIA/);
  assert.ok(String(secretAccessKey).length >= 40);
});

test('start --json says on one line where the server is', async () => {
  const folder = await temporaryFolder();
  const args = [mainPath, 'start', '--json', '--port', '0', '--data-dir', folder];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(line));
  const [first] = (await once(output, 'line')) as [string];
  const { endpoint, pid, auth, dataDir } = JSON.parse(first) as Json;
  assert.deepEqual([pid, auth, dataDir], [child.pid, 'off', folder]);
  assert.equal((await fetch(`${String(endpoint)}/health`)).status, 200);
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.equal(lines.length, 1);
});

test('what is described is a line for each value, which no terminal takes as a command', () => {
  const text = factsText({
    Name: 'a\u001B[2J',
    Shards: [{ Id: 1, Blockages: [] }],
    Tags: {},
    Absent: undefined,
  });
  assert.deepEqual(text.split('\n'), [
    'Name                 a\\e[2J',
    'Shards[0].Id         1',
    'Shards[0].Blockages  none',
    'Tags                 none',
  ]);
});

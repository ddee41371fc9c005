import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { createFunction, startLambda, type LambdaServer } from '../lambda-server.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

/** A file that functions write to: what they did. */
async function notebook(): Promise<{ path: string; lines(): Promise<string[]> }> {
  const folder = await temporaryFolder();
  const path = join(folder, 'notes');
  await writeFile(path, '');
  return {
    path,
    lines: async () => (await readFile(path, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

async function send(server: LambdaServer, name: string, event: unknown): Promise<number | undefined> {
  const command = new InvokeCommand({
    FunctionName: name,
    InvocationType: 'Event',
    Payload: JSON.stringify(event),
  });
  return (await server.client.send(command)).StatusCode;
}

function metric(server: LambdaServer, name: string): number {
  return [...server.metrics]
    .filter(({ identity }) => identity.namespace === 'AWS/Lambda' && identity.name === name)
    .reduce((sum, samples) => sum + samples.sum, 0);
}

const noting = (path: string, rest: string) => `import { appendFileSync } from 'node:fs';
  export const handler = async (event, context) => {
    appendFileSync(${JSON.stringify(path)}, JSON.stringify([event, context.awsRequestId]) + '\\n');
    ${rest}
  };`;

test('a hundred concurrent invocations all run, once each', async (context) => {
  // Its functions write where the test reads: an isolated one has no folder in common with it.
  const server = await startLambda(context, { isolation: 'off' });
  const notes = await notebook();
  await createFunction(server, 'note', noting(notes.path, ''));
  const statuses = await Promise.all(Array.from({ length: 100 }, (_, n) => send(server, 'note', n)));
  assert.deepEqual(new Set(statuses), new Set([202]));
  await until(async () => (await notes.lines()).length >= 100);
  const events = (await notes.lines()).map((line) => (JSON.parse(line) as [number, string])[0]);
  assert.deepEqual(
    events.sort((one, other) => one - other),
    Array.from({ length: 100 }, (_, n) => n),
  );
  await until(() => metric(server, 'Invocations') === 100);
  assert.equal(metric(server, 'AsyncEventsReceived'), 100);
  assert.equal(metric(server, 'Errors'), 0);
});

test('a failing invocation is retried twice, with the same request id, then discarded', async (context) => {
  const server = await startLambda(context, { isolation: 'off', asyncRetryDelayMs: 20 });
  const notes = await notebook();
  await createFunction(server, 'fail', noting(notes.path, "throw new Error('no');"));
  await send(server, 'fail', { n: 1 });
  await until(() => metric(server, 'AsyncEventsDropped') === 1);
  const attempts = (await notes.lines()).map((line) => JSON.parse(line) as [unknown, string]);
  assert.deepEqual(
    attempts.map(([event]) => event),
    [{ n: 1 }, { n: 1 }, { n: 1 }],
  );
  assert.equal(new Set(attempts.map(([, requestId]) => requestId)).size, 1);
  assert.equal(metric(server, 'Errors'), 3);
});

test('pending invocations continue when the server is back', async (context) => {
  const server = await startLambda(context, { isolation: 'off', closeGraceMs: 100, concurrencyMax: 2 });
  const notes = await notebook();
  const gate = join(notes.path, '..', 'gate');
  const source = noting(
    notes.path,
    `const { existsSync } = await import('node:fs');
     while (!existsSync(${JSON.stringify(gate)})) await new Promise((done) => setTimeout(done, 20));
     appendFileSync(${JSON.stringify(notes.path)}, 'done ' + event + '\\n');`,
  );
  await createFunction(server, 'gated', source, { Timeout: 60 });
  for (let n = 0; n < 10; n++) await send(server, 'gated', n);
  await until(async () => (await notes.lines()).length === 2);
  await server.restart();
  await until(async () => (await notes.lines()).length === 4);
  await appendFile(gate, '');
  const done = async () => (await notes.lines()).filter((line) => line.startsWith('done')).sort();
  await until(async () => (await done()).length >= 10);
  assert.deepEqual(
    await done(),
    Array.from({ length: 10 }, (_, n) => `done ${n}`),
  );
  // What is done is forgotten: a third run does only what it is told.
  const before = (await notes.lines()).length;
  await server.restart();
  await send(server, 'gated', 10);
  await until(async () => (await notes.lines()).includes('done 10'));
  assert.equal((await notes.lines()).length, before + 2);
});

test('limits are enforced before an event is accepted', async (context) => {
  // Its functions write where the test reads: an isolated one has no folder in common with it.
  const server = await startLambda(context, { isolation: 'off' });
  await createFunction(server, 'any', 'export const handler = async () => {};');
  await assert.rejects(send(server, 'any', 'x'.repeat(1024 * 1024)), {
    name: 'RequestEntityTooLargeException',
    message: '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
  });
  await assert.rejects(send(server, 'other', {}), { name: 'ResourceNotFoundException' });
});

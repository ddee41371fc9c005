import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { accessOf } from '../../src/server/access.ts';
import { runCommand } from '../support/command.ts';
import { spawnServer, temporaryFolder, testConfig } from '../support/server.ts';

const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

describe('access', () => {
  it('is open to this machine without a root key, and closed with one', async () => {
    const folder = await temporaryFolder();
    assert.partialDeepStrictEqual(await accessOf(testConfig(folder)), { auth: 'off', keys: undefined });
    assert.equal((await accessOf(testConfig(folder, { rootKey }))).auth, 'required');
    const off = await accessOf(testConfig(folder, { rootKey, auth: 'off' }));
    assert.partialDeepStrictEqual(off, { auth: 'off', keys: undefined, plaintext: 'everyone' });
  });

  it('is refused to other machines without a key or without TLS, with the setting that allows it', async () => {
    const folder = await temporaryFolder();
    const host = '0.0.0.0';
    await assert.rejects(accessOf(testConfig(folder, { host })), /make a root key with `nagare key init`/);
    await assert.rejects(accessOf(testConfig(folder, { host, rootKey, auth: 'off', tls: {} })), /--auth off/);
    await assert.rejects(
      accessOf(testConfig(folder, { host, rootKey })),
      /add --tls, or --insecure-plaintext/,
    );
    await assert.rejects(
      accessOf(testConfig(folder, { auth: 'required' })),
      /--auth required needs a root key/,
    );
    const encrypted = await accessOf(testConfig(folder, { host, rootKey, tls: {} }));
    assert.equal(encrypted.plaintext, 'this machine');
    const proxied = await accessOf(testConfig(folder, { host, rootKey, insecurePlaintext: true }));
    assert.equal(proxied.plaintext, 'everyone');
    const both = testConfig(folder, { host, rootKey, insecurePlaintext: true, tls: { clientCa: 'ca.crt' } });
    await assert.rejects(accessOf(both), /--insecure-plaintext .* which --tls-client-ca requires/);
  });
});

it('a key made before the first start is required from then on, and stored encrypted', async () => {
  const folder = await temporaryFolder();
  const args = ['key', 'init', '--data-dir', join(folder, 'data')];
  const { code, output, errors } = await runCommand(args, {});
  assert.equal(code, 0, errors);
  const accessKeyId = /AWS_ACCESS_KEY_ID=(\S+)/.exec(output)?.[1] ?? '';
  const secretAccessKey = /AWS_SECRET_ACCESS_KEY=(\S+)/.exec(output)?.[1] ?? '';
  assert.match(accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  const path = join(folder, 'data', 'keys', 'root.key');
  assert.doesNotMatch(await readFile(path, 'utf8'), new RegExp(secretAccessKey.replaceAll(/[+/=]/g, '\\$&')));
  assert.equal((await stat(path)).mode & 0o077, 0);
  const again = await runCommand(args, {});
  assert.match(again.errors, /there is a root key already/);

  await using server = await spawnServer({
    args: ['--data-dir', join(folder, 'data'), '--host', '0.0.0.0', '--insecure-plaintext'],
  });
  assert.match(server.output, /other machines can reach it/);
  assert.match(server.output, /auth {5}required/);
  assert.ok(!server.output.includes(secretAccessKey));
  const client = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    new KinesisClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  await client({ accessKeyId, secretAccessKey }).send(new ListStreamsCommand({}));
  await assert.rejects(client(rootKey).send(new ListStreamsCommand({})), {
    name: 'UnrecognizedClientException',
  });
});

it('the environment`s root key is required as well, and what is wrong with it is reported without the secret', async () => {
  const variables = {
    NAGARE_ROOT_ACCESS_KEY_ID: rootKey.accessKeyId,
    NAGARE_ROOT_SECRET_ACCESS_KEY: 'tooshort',
  };
  const args = ['start', '--port', '0', '--data-dir', join(await temporaryFolder(), 'data')];
  const { code, errors } = await runCommand(args, variables);
  assert.equal(code, 1);
  assert.match(errors, /NAGARE_ROOT_SECRET_ACCESS_KEY must be at least 16 characters/);
  assert.doesNotMatch(errors, /tooshort/);
});

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../../src/http/self-signed.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';

/** GET /health over TLS, trusting that certificate alone. */
function healthOverTls(endpoint: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${endpoint.replace('http:', 'https:')}/health`, { ca }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('--tls accepts TLS and plain HTTP, and keeps its certificate for the next start', async () => {
  await using server = await spawnServer({ args: ['--tls'] });
  const path = /AWS_CA_BUNDLE=(\S+)/.exec(server.output)?.[1];
  assert.equal(path, join(server.dataDir, 'tls', 'server.crt'));
  const { port } = new URL(server.endpoint);
  assert.match(server.output, new RegExp(`AWS_ENDPOINT_URL=https://127\\.0\\.0\\.1:${port}`));
  assert.equal(/NODE_EXTRA_CA_CERTS=(\S+)/.exec(server.output)?.[1], path);
  const certificate = await readFile(path, 'utf8');
  assert.equal(await healthOverTls(server.endpoint, certificate), 200);
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200);

  await server.kill();
  await server.start();
  assert.equal(await healthOverTls(server.endpoint, certificate), 200);
});

test('a certificate of the user is used', async () => {
  const folder = await temporaryFolder();
  const { cert, key } = selfSigned(['127.0.0.1'], Date.now());
  await writeFile(join(folder, 'my.crt'), cert);
  await writeFile(join(folder, 'my.key'), key);
  const args = ['--tls-cert', join(folder, 'my.crt'), '--tls-key', join(folder, 'my.key')];
  await using server = await spawnServer({ args });
  assert.equal(await healthOverTls(server.endpoint, cert), 200);
});

test('without --tls the server does not accept TLS', async () => {
  await using server = await spawnServer();
  await assert.rejects(healthOverTls(server.endpoint, ''));
});

// It was taken, and every handshake failed.
test('an empty certificate, or a folder, is refused with a clear message', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'my.crt'), '');
  await writeFile(join(folder, 'my.key'), '');
  const files = ['--tls-cert', join(folder, 'my.crt'), '--tls-key', join(folder, 'my.key')];
  await assert.rejects(spawnServer({ args: files }), /my\.crt is not a PEM file/);
  const asFolder = ['--tls-cert', folder, '--tls-key', join(folder, 'my.key')];
  await assert.rejects(spawnServer({ args: asFolder }), /cannot be read: it is a directory/);
});

for (const { name, args, complaint } of [
  {
    name: 'a word that is neither on nor off',
    args: ['--tls', 'maybe'],
    complaint: /--tls is "maybe"; it must be on or off/,
  },
  {
    name: 'a certificate without its key',
    args: ['--tls-cert', 'x.pem'],
    complaint: /--tls-cert needs --tls-key/,
  },
  {
    name: 'a key without its certificate',
    args: ['--tls-key', 'x.pem'],
    complaint: /--tls-key needs --tls-cert/,
  },
  {
    name: 'a file that is not there',
    args: ['--tls-cert', 'absent.crt', '--tls-key', 'absent.key'],
    complaint: /absent\.crt cannot be read/,
  },
]) {
  test(`${name} is refused by name`, async () => {
    await assert.rejects(spawnServer({ args }), complaint);
  });
}

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Certificate, selfSigned } from '../../src/http/self-signed.ts';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

/** GET /health over TLS, trusting that certificate alone. */
function healthOverTls(endpoint: string, ca: string, client?: Certificate): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { ca, agent: false, ...client };
    request(`${endpoint.replace('http:', 'https:')}/health`, options, (answer) => {
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

async function withFiles(t: TestContext) {
  const folder = await temporaryFolder();
  const [cert, key] = [join(folder, 'my.crt'), join(folder, 'my.key')];
  const replace = async (certificate: Certificate): Promise<void> => {
    await writeFile(key, certificate.key);
    await writeFile(cert, certificate.cert);
  };
  const first = selfSigned(['127.0.0.1'], Date.now());
  await replace(first);
  const server = await spawnServer({ args: ['--tls-cert', cert, '--tls-key', key, '--log-format', 'json'] });
  t.after(() => server.close());
  return { server, first, cert, replace };
}

test('SIGHUP makes the server read its certificate again; one that is broken is reported, and the old one stays', async (t) => {
  const { server, first, cert, replace } = await withFiles(t);
  const second = selfSigned(['127.0.0.1'], Date.now());
  await replace(second);
  process.kill(server.pid, 'SIGHUP');
  await until(async () => (await healthOverTls(server.endpoint, second.cert).catch(() => 0)) === 200);
  await assert.rejects(healthOverTls(server.endpoint, first.cert));

  await writeFile(cert, first.cert);
  process.kill(server.pid, 'SIGHUP');
  await until(() => Promise.resolve(server.errorOutput.includes('the certificate was not renewed')));
  assert.match(server.errorOutput, /my\.crt and key \S+my\.key do not match/);
  assert.equal(await healthOverTls(server.endpoint, second.cert), 200);
});

test('a certificate whose files change is read again by itself', async (t) => {
  const { server, replace } = await withFiles(t);
  const second = selfSigned(['127.0.0.1'], Date.now());
  await replace(second);
  await until(async () => (await healthOverTls(server.endpoint, second.cert).catch(() => 0)) === 200);
});

test('--tls-client-ca refuses TLS without a certificate of a client, and reads its file again', async () => {
  const folder = await temporaryFolder();
  const ca = join(folder, 'clients.crt');
  await assert.rejects(
    spawnServer({ args: ['--tls-client-ca', ca] }),
    /--tls-client-ca needs --tls: clients show their certificates over TLS/,
  );
  await assert.rejects(
    spawnServer({ args: ['--tls', '--tls-client-ca', ca] }),
    /clients\.crt cannot be read/,
  );
  await writeFile(ca, 'nothing');
  const args = ['--tls', '--tls-client-ca', ca];
  await assert.rejects(spawnServer({ args }), /clients\.crt has no certificate in PEM form/);
  await writeFile(ca, selfSigned([], Date.now()).cert);
  await using server = await spawnServer({ args });
  const trusted = await readFile(join(server.dataDir, 'tls', 'server.crt'), 'utf8');
  const client = selfSigned([], Date.now());
  await assert.rejects(healthOverTls(server.endpoint, trusted));
  await assert.rejects(healthOverTls(server.endpoint, trusted, client));
  await writeFile(ca, client.cert);
  process.kill(server.pid, 'SIGHUP');
  await until(async () => (await healthOverTls(server.endpoint, trusted, client).catch(() => 0)) === 200);
  // Functions and commands on the server's machine need none.
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200);
});

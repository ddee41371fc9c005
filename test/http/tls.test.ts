import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { HttpRequest } from '../../src/http/message.ts';
import { ownCertificate, selfSigned } from '../../src/http/self-signed.ts';
import { RawClient, serve } from './support.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HOSTS = ['localhost', '*.s3.localhost', '127.0.0.1', '::1'];
const DAY_MS = 24 * 60 * 60 * 1000;

async function tell(request: HttpRequest) {
  return { status: 200, headers: {}, body: `${request.httpVersion} ${request.secure}` };
}

function get(options: https.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}

describe('TLS on the same port', () => {
  it('supports HTTP/1.1 and HTTP/2 by ALPN, and both without TLS', async () => {
    const tls = selfSigned(HOSTS, Date.now());
    await using server = await serve(tell, { tls });
    const { port } = server;
    assert.equal(await get({ host: '127.0.0.1', port, ca: tls.cert, agent: false }), '1.1 true');
    assert.equal(await get({ host: 'localhost', family: 4, port, ca: tls.cert, agent: false }), '1.1 true');
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: tls.cert });
    const stream = session.request({ ':path': '/' });
    const [chunk] = await once(stream, 'data');
    assert.equal(String(chunk), '2.0 true');
    session.close();
    assert.equal(await (await fetch(server.url)).text(), '1.1 false');
  });

  it('is trusted only by clients that have its certificate', async () => {
    await using server = await serve(tell, { tls: selfSigned(HOSTS, Date.now()) });
    const ca = selfSigned(HOSTS, Date.now()).cert;
    await assert.rejects(get({ host: '127.0.0.1', port: server.port, ca, agent: false }));
  });

  it('survives an aborted handshake', async () => {
    await using server = await serve(tell, { tls: selfSigned(HOSTS, Date.now()) });
    const client = await RawClient.connect(server.port);
    client.send(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5, 6]));
    await client.ended();
    const silent = await RawClient.connect(server.port);
    silent.send(Buffer.from([0x16]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    silent.socket.destroy();
    assert.equal((await fetch(server.url)).status, 200);
  });
});

describe('a handshake that stalls', () => {
  it('is ended by the header timeout', async () => {
    await using server = await serve(tell, {
      tls: selfSigned(HOSTS, Date.now()),
      timeouts: { headersMs: 50 },
    });
    const client = await RawClient.connect(server.port);
    client.send(Buffer.from([0x16, 3, 1]));
    await client.ended();
  });
});

describe('a self-signed certificate', () => {
  it('names its hosts and signs itself', () => {
    const now = Date.parse('2026-11-22T00:00:00Z');
    const parsed = new X509Certificate(selfSigned([...HOSTS, 'nagare.example', 'fe80::1:2'], now).cert);
    assert.ok(parsed.verify(parsed.publicKey));
    assert.equal(parsed.checkIssued(parsed), true);
    assert.equal(parsed.subject, 'CN=nagare');
    for (const host of ['localhost', 'bucket.s3.localhost', 'nagare.example']) {
      assert.ok(parsed.checkHost(host) !== undefined, host);
    }
    for (const address of ['127.0.0.1', '::1', 'fe80::1:2'])
      assert.ok(parsed.checkIP(address) !== undefined, address);
    assert.equal(parsed.checkHost('other.example'), undefined);
    assert.equal(Date.parse(parsed.validFrom), now - DAY_MS);
    assert.equal(Date.parse(parsed.validTo), now + 825 * DAY_MS);
  });

  it('can be valid beyond 2050', () => {
    const parsed = new X509Certificate(selfSigned(HOSTS, Date.parse('2049-06-01T00:00:00Z')).cert);
    assert.equal(new Date(parsed.validTo).getUTCFullYear(), 2051);
  });

  it('is kept, and replaced before it expires, for another host, or when its file is damaged', async () => {
    const folder = await temporaryFolder();
    const now = Date.now();
    const first = await ownCertificate(join(folder, 'tls'), HOSTS, now);
    assert.equal((await stat(join(folder, 'tls/server.key'))).mode & 0o777, 0o600);
    assert.equal(await readFile(join(folder, 'tls/server.crt'), 'utf8'), first.cert);
    assert.deepEqual(await ownCertificate(join(folder, 'tls'), HOSTS, now + 700 * DAY_MS), first);
    const second = await ownCertificate(join(folder, 'tls'), HOSTS, now + 800 * DAY_MS);
    assert.notEqual(second.cert, first.cert);
    const third = await ownCertificate(join(folder, 'tls'), [...HOSTS, 'nagare.example'], now);
    assert.notEqual(third.cert, second.cert);
    await rm(join(folder, 'tls/server.crt'));
    assert.notEqual((await ownCertificate(join(folder, 'tls'), HOSTS, now)).cert, third.cert);
    await rm(folder, { recursive: true });
  });
});

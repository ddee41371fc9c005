import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { auditLimits } from '../../src/audit/limits.ts';
import type { AnsweredRequest } from '../../src/protocol/observer.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { fakeRequest } from '../protocol/fuzz.ts';
import { startTestServer, temporaryFolder } from '../support/server.ts';
import { removeFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

type Json = Readonly<Record<string, unknown>>;

test('a flood of requests of unknown callers leaves room for others, and is counted', () => {
  const records: Json[] = [];
  const clock = new ManualClock();
  const sink = { add: ({ line }: { line: string }) => void records.push(JSON.parse(line) as Json) };
  const audit = new AuditLog({
    sinks: [sink],
    data: 'none',
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
    clock,
  });
  const unknown: AnsweredRequest = {
    request: fakeRequest({ path: '/_nagare/apply' }, Buffer.alloc(0)),
    peer: { address: '192.0.2.1', tls: undefined },
    response: { status: 403, headers: {} },
    principal: undefined,
    isAdmitted: false,
    outcome: undefined,
    durationMs: 1,
  };
  const most = auditLimits.unknownCallersPerSecond;
  for (let n = 0; n < most + 50; n++) audit.answered(unknown);
  assert.equal(records.length, most);
  clock.advance(1000);
  audit.answered(unknown);
  assert.equal(records.length, most + 2);
  const { eventName, serviceEventDetails } = records.at(-2) ?? {};
  assert.equal(eventName, 'AuditRecordsOmitted');
  assert.equal((serviceEventDetails as Json)['count'], 50);
});

test('a request over TLS is recorded with its version and cipher, over HTTP/1.1 and HTTP/2', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'audit.log');
  const audit = { file, fileBytesMax: 1e6, filesMax: 2, data: 'none', required: false } as const;
  const rootKey = { accessKeyId: 'AKIAROOTKEY', secretAccessKey: 'the-secret-of-the-root-key' };
  await using server = await startTestServer({ rootKey, audit, tls: {} });
  const url = new URL(server.endpoint.replace('http:', 'https:'));
  const path = '/_nagare/apply';
  await new Promise((resolve, reject) => {
    request(new URL(path, url), { method: 'POST', rejectUnauthorized: false, agent: false })
      .on('response', (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
  const session = connect(url, { rejectUnauthorized: false });
  await new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path }).on('error', reject);
    stream.resume().on('end', resolve).end();
  });
  session.close();
  const lines = await until(async () => {
    const found = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    return found.length === 2 && found;
  });
  for (const line of lines) {
    const { tlsDetails, sourceIPAddress } = JSON.parse(line) as Json;
    assert.equal(sourceIPAddress, '127.0.0.1');
    const { tlsVersion, cipherSuite, clientProvidedHostHeader } = tlsDetails as Json;
    assert.match(String(tlsVersion), /^TLSv1\.[23]$/);
    assert.match(String(cipherSuite), /^TLS_/);
    assert.equal(clientProvidedHostHeader, url.host);
  }
  await removeFolder(folder);
});

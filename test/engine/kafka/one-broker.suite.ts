import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { encodeBatch } from '../../../src/engine/kafka/record-batch.ts';
import type { KafkaSecurity } from '../../../src/engine/kafka/security.ts';
import { encodeFrame } from '../../../src/engine/shared/envelope.ts';
import { DeposedError, LOG_START } from '../../../src/engine/shared/shared-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { hasTools, programPath, runTool } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { append, framesUpTo, textsOf } from '../shared/log-contract.ts';
import { newTopic, openLog } from './cluster.ts';
import { rawClient } from './raw.ts';
import { hasKafka, RealCluster } from './real-cluster.ts';

/**
 * One broker, which forgets silent producers after three seconds, and listens on the port ending in 2 with SASL, and on
 * the one ending in 3 with SASL and TLS.
 */
const owner = { url: 'http://127.0.0.1:4566', version: '0.1.0' };
let cluster: RealCluster;
let caFile: string;

before(async () => {
  if (['java', 'mvn', 'openssl'].some((tool) => programPath(tool) === undefined)) return;
  const folder = await temporaryFolder();
  caFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  await runTool('openssl', [
    ...'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1'.split(
      ' ',
    ),
    '-keyout',
    keyFile,
    '-out',
    caFile,
  ]);
  const store = join(folder, 'store.pem');
  const [key, certificate] = await Promise.all([runTool('cat', [keyFile]), runTool('cat', [caFile])]);
  await writeFile(store, key + certificate);
  const login = 'org.apache.kafka.common.security';
  const mechanisms = (listener: string): string[] => [
    `listener.name.${listener}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER`,
    `listener.name.${listener}.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_nagare="open sesame";`,
    `listener.name.${listener}.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    `listener.name.${listener}.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    `listener.name.${listener}.oauthbearer.sasl.jaas.config=${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  ];
  cluster = await RealCluster.start({
    brokers: 1,
    format:
      '--add-scram SCRAM-SHA-256=[name=nagare,password=secret] --add-scram SCRAM-SHA-512=[name=nagare,password=secret]',
    properties: [
      'listeners=PLAINTEXT://127.0.0.1:{nn}0,CONTROLLER://127.0.0.1:{nn}1,SASL://127.0.0.1:{nn}2,SECURE://127.0.0.1:{nn}3',
      'advertised.listeners=PLAINTEXT://127.0.0.1:{nn}0,SASL://127.0.0.1:{nn}2,SECURE://127.0.0.1:{nn}3',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,SECURE:SASL_SSL',
      ...mechanisms('sasl'),
      ...mechanisms('secure'),
      'listener.name.secure.ssl.keystore.type=PEM',
      `listener.name.secure.ssl.keystore.location=${store}`,
      'producer.id.expiration.ms=3000',
      'producer.id.expiration.check.interval.ms=500',
    ],
  });
});

after(() => cluster?.close());

function secured(mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', password: string): KafkaSecurity {
  return { sasl: { mechanism, user: 'nagare', secret: () => Promise.resolve(password) } };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function bearer(secret: string): KafkaSecurity {
  return { sasl: { mechanism: 'OAUTHBEARER', user: '', secret: () => Promise.resolve(secret) } };
}

/** An unsigned token, as brokers accept it unless they are told whom to ask. */
function token(): string {
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: 'nagare', iat: now, exp: now + 3600 })}.`;
}

async function works(t: TestContext, security: KafkaSecurity, port: number): Promise<void> {
  const log = await openLog(cluster.addresses(port), { security });
  t.after(() => log.close());
  await log.takeOver(owner, LOG_START);
  const last = await append(log, 'x');
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), ['x']);
}

test('one broker is enough to try it, and says so', async (t) => {
  if (!hasKafka(t)) return;
  const log = await openLog(cluster.addresses());
  t.after(() => log.close());
  assert.deepEqual([log.topic.replicas, log.topic.replicasInSync], [1, 1]);
});

test('each mechanism of SASL works, and a wrong secret is refused', async (t) => {
  if (!hasKafka(t) || !hasTools(t, 'openssl')) return;
  await works(t, secured('PLAIN', 'open sesame'), 2);
  await works(t, secured('SCRAM-SHA-256', 'secret'), 2);
  await works(t, secured('SCRAM-SHA-512', 'secret'), 2);
  await works(t, bearer(token()), 2);
  for (const wrong of [
    secured('PLAIN', 'secret'),
    secured('SCRAM-SHA-256', 'open sesame'),
    secured('SCRAM-SHA-512', 'x'),
    bearer('no.token.'),
  ]) {
    await assert.rejects(openLog(cluster.addresses(2), { security: wrong }), /refuses the credentials/);
  }
});

test('TLS works with the authority that is given, and not without it', async (t) => {
  if (!hasKafka(t) || !hasTools(t, 'openssl')) return;
  await works(t, { ...secured('SCRAM-SHA-512', 'secret'), tls: { caFile } }, 3);
  await assert.rejects(
    openLog(cluster.addresses(3), { security: { ...secured('PLAIN', 'open sesame'), tls: {} } }),
    /self-signed certificate/,
  );
});

test('a producer that the broker has forgotten: the fence of the content holds against an old owner', async (t) => {
  if (!hasKafka(t)) return;
  const topic = newTopic();
  const [first, second] = [
    await openLog(cluster.addresses(), { topic }),
    await openLog(cluster.addresses(), { topic }),
  ];
  t.after(() => Promise.all([first.close(), second.close()]));
  const one = await first.takeOver(owner, LOG_START);
  const kept = await append(first, 'kept');
  await second.takeOver(owner, { ...one, position: kept });
  const [address] = cluster.addresses();
  assert.ok(address);
  const raw = await rawClient(t, address, topic);
  const [{ producer } = { producer: undefined }] = await raw.fetch(0);
  assert.ok(producer);
  const late = (text: string, sequence: number): Promise<readonly Uint8Array[]> =>
    encodeBatch(encodeFrame(1, { kind: 'commit', payload: [Buffer.from(text)] }), producer, sequence, 'none');
  const before = await raw.produce(await late('refused', 2));
  assert.equal(before.errorCode, 47);
  // What the broker refuses does not remind it of the producer.
  await until(async () => (await raw.produce(await late('stored', 2))).errorCode === 0, { pauseMs: 200 });
  await assert.rejects(append(first, 'late'), DeposedError);
  // Now the broker refuses the rightful owner, which takes over again.
  await assert.rejects(append(second, 'refused'), DeposedError);
  const three = await second.takeOver(owner, { term: 2, position: kept + 1 });
  assert.equal(three.term, 3);
  const last = await append(second, 'after');
  const stored = await raw.fetch(0);
  assert.ok(stored.some(({ value }) => value.includes('stored')));
  assert.deepEqual(textsOf(await framesUpTo(first, LOG_START, last)), ['kept', 'after']);
});

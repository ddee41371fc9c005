import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretIn } from '../../src/config/secret-file.ts';
import { parseSharedLogUrl, SharedLogUrlError } from '../../src/config/shared-log-url.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const plainKafka = {
  store: 'kafka',
  brokers: [{ host: 'k1', port: 9092 }],
  topic: 'nagare',
  tls: undefined,
  sasl: undefined,
  durability: 'quorum-memory',
  compression: 'none',
  replicas: undefined,
};

test('a Kafka URL names brokers and a topic', () => {
  assert.deepEqual(parseSharedLogUrl('kafka://k1:9092/nagare'), plainKafka);
  assert.deepEqual(parseSharedLogUrl('kafka://k1:9092,k2.example.com:9093,[::1]:9094/my_log.1-a'), {
    ...plainKafka,
    brokers: [
      { host: 'k1', port: 9092 },
      { host: 'k2.example.com', port: 9093 },
      { host: '::1', port: 9094 },
    ],
    topic: 'my_log.1-a',
  });
});

test('options set durability, compression, replicas, TLS and SASL', () => {
  const options = 'durability=quorum-fsync&compression=zstd&replicas=5';
  assert.deepEqual(parseSharedLogUrl(`kafka://k1:9092/nagare?${options}`), {
    ...plainKafka,
    durability: 'quorum-fsync',
    compression: 'zstd',
    replicas: 5,
  });
  const tls = 'tls=on&ca=/etc/ca.pem&cert=client.pem&key=client.key';
  assert.deepEqual(parseSharedLogUrl(`kafka://a%40b@k1:9092/nagare?${tls}&secret=password`), {
    ...plainKafka,
    tls: { caFile: '/etc/ca.pem', certFile: 'client.pem', keyFile: 'client.key' },
    sasl: { mechanism: 'SCRAM-SHA-512', user: 'a@b', secretFile: 'password' },
  });
  assert.deepEqual(parseSharedLogUrl('kafka://k1:1/nagare?tls=on&sasl=OAUTHBEARER&secret=token'), {
    ...plainKafka,
    brokers: [{ host: 'k1', port: 1 }],
    tls: {},
    sasl: { mechanism: 'OAUTHBEARER', user: '', secretFile: 'token' },
  });
  const local = parseSharedLogUrl('kafka://u@127.0.0.1:9092/nagare?sasl=PLAIN&secret=f');
  assert.equal(local.store === 'kafka' && local.sasl?.mechanism, 'PLAIN');
});

test('an S3 URL names a bucket and a prefix', () => {
  assert.deepEqual(parseSharedLogUrl('s3://bucket/nagare'), {
    store: 's3',
    bucket: 'bucket',
    prefix: 'nagare/',
    endpoint: undefined,
    region: undefined,
    delayMs: 20,
  });
  const options = 'endpoint=http://127.0.0.1:9000&region=eu-central-1&delay-ms=250';
  assert.deepEqual(parseSharedLogUrl(`s3://my.bucket/a/b/?${options}`), {
    store: 's3',
    bucket: 'my.bucket',
    prefix: 'a/b/',
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu-central-1',
    delayMs: 250,
  });
});

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /must begin with kafka:\/\/ or s3:\/\//],
  ['redis://h:1/x', /must begin with/],
  ['kafka://k1/nagare', /brokers as host:port.*not 'k1'/],
  ['kafka://k1:0/nagare', /host:port/],
  ['kafka://k1:70000/nagare', /host:port/],
  ['kafka://k1:9092,/nagare', /host:port/],
  ['kafka://::1:9092/nagare', /host:port/],
  ['kafka://k1:9092', /must end with a topic/],
  ['kafka://k1:9092/a/b', /must end with a topic/],
  ['kafka://k1:9092/..', /must end with a topic/],
  ['kafka://u:p@k1:9092/nagare', /must not contain a password.*secret=FILE/],
  ['kafka://u@k1:9092/nagare', /needs secret=FILE.*for SCRAM-SHA-512/],
  ['kafka://u@k1:9092/nagare?sasl=GSSAPI&secret=f', /must have PLAIN, .* as its option sasl, not GSSAPI/],
  ['kafka://u@k1:9092/nagare?sasl=PLAIN&secret=f', /sends the secret as it is with sasl=PLAIN: add tls=on/],
  ['kafka://k1:9092/nagare?sasl=OAUTHBEARER&secret=f', /add tls=on/],
  ['kafka://u@k1:9092/nagare?tls=on&sasl=OAUTHBEARER&secret=f', /the token does/],
  ['kafka://k1:9092/nagare?sasl=SCRAM-SHA-256&secret=f', /needs a user/],
  ['kafka://k1:9092/nagare?secret=f', /has a secret, which needs a user/],
  ['kafka://k1:9092/nagare?ca=f', /need tls=on/],
  ['kafka://k1:9092/nagare?tls=on&cert=f', /needs both cert and key/],
  ['kafka://k1:9092/nagare?acks=1', /has the option acks, which does not exist; there are tls, ca, cert/],
  ['kafka://k1:9092/nagare?tls=on&tls=off', /has the option tls twice/],
  ['kafka://k1:9092/nagare?replicas=', /has the option replicas without a value/],
  ['kafka://k1:9092/nagare?replicas=0', /whole number from 1 to 9 as its option replicas/],
  ['kafka://%zz@k1:9092/nagare?secret=f', /has a user that is not encoded/],
  ['s3://bucket', /must have a prefix/],
  ['s3://bucket/', /must have a prefix/],
  ['s3://bucket/a//b', /must have a prefix/],
  ['s3://key:secret@bucket/a', /must not contain keys/],
  ['s3://B/a', /must begin with a bucket/],
  ['s3://bucket/a?endpoint=ftp://x', /http or https URL/],
  ['s3://bucket/a?delay-ms=1', /from 5 to 250 as its option delay-ms/],
  ['s3://bucket/a?tls=on', /has the option tls, which does not exist; there are endpoint, region, delay-ms/],
];

for (const [url, message] of refused) {
  test(`refuses ${url === '' ? 'an empty URL' : url}`, () => {
    assert.throws(
      () => parseSharedLogUrl(url),
      (error) => {
        assert.ok(error instanceof SharedLogUrlError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a secret is read whenever it is asked for, from a file or from a systemd credential', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'token'), 'first\n');
  const relative = secretIn('token', { environment: {}, workingFolder: folder });
  assert.equal(await relative(), 'first');
  await writeFile(join(folder, 'token'), ' second \n');
  assert.equal(await relative(), 'second');
  const credential = secretIn('token', {
    environment: { CREDENTIALS_DIRECTORY: folder },
    workingFolder: '/nowhere',
  });
  assert.equal(await credential(), 'second');
  await assert.rejects(secretIn('missing', { environment: {}, workingFolder: folder })());
});

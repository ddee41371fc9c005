import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function read(flags: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>>) {
  const config = await readConfig({ flags, environment, workingFolder: await temporaryFolder() });
  return config.objectStore;
}

const s3Endpoint = 'https://s3.example';

test('the store of the objects has an endpoint, a region and a key, each with its default', async () => {
  const file = join(await temporaryFolder(), 'secret');
  await writeFile(file, 'the-secret\n');
  assert.equal(await read({}, { AWS_REGION: 'eu-west-1' }), undefined);
  const usual = { endpoint: s3Endpoint, region: 'us-east-1' };
  assert.deepEqual(await read({ s3Endpoint: `${s3Endpoint}/` }, {}), usual);
  assert.deepEqual(await read({ s3Endpoint }, { AWS_REGION: 'eu-west-1' }), {
    ...usual,
    region: 'eu-west-1',
  });
  const environment = { NAGARE_S3_ACCESS_KEY_ID: 'id', NAGARE_S3_SECRET_ACCESS_KEY_FILE: file };
  assert.deepEqual(await read({ s3Endpoint, s3Region: 'eu-central-1' }, environment), {
    endpoint: s3Endpoint,
    region: 'eu-central-1',
    key: { accessKeyId: 'id', secretAccessKey: 'the-secret', file },
  });
});

test('a key or a region without an endpoint, and half a key, are refused', async () => {
  await assert.rejects(read({ s3Region: 'eu-west-1' }, {}), { message: '--s3-region needs --s3-endpoint' });
  await assert.rejects(read({}, { NAGARE_S3_ACCESS_KEY_ID: 'id', NAGARE_S3_SECRET_ACCESS_KEY: 's' }), {
    message: 'NAGARE_S3_ACCESS_KEY_ID needs --s3-endpoint',
  });
  await assert.rejects(read({ s3Endpoint }, { NAGARE_S3_SECRET_ACCESS_KEY: 's' }), {
    message: 'NAGARE_S3_ACCESS_KEY_ID is not set, but the secret of the key for --s3-endpoint is',
  });
  for (const wrong of [
    's3.example',
    'https://s3.example/path',
    'ftp://s3.example',
    'https://user@s3.example',
  ]) {
    await assert.rejects(read({ s3Endpoint: wrong }, {}), /must be an http or https URL without a path/);
  }
});

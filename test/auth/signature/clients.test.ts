/** Signers that are not AWS's SDK for JavaScript. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startTestServer } from '../../support/server.ts';
import { programPath } from '../../support/tools.ts';
import { ROOT } from './signer.ts';

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return output;
}

const python = programPath('python3') ?? 'python3';
const hasBoto3 = spawnSync(python, ['-c', 'import boto3']).status === 0;
if (!hasBoto3 && process.env['CI'] === 'true') throw new Error('not installed: boto3');
// Without the setting, boto3 presigns for S3 in us-east-1 with version 2.
const BOTO3 = `
import sys, urllib.request, boto3
from botocore.config import Config
endpoint, key, secret = sys.argv[1:]
def client(name):
    return boto3.client(name, endpoint_url=endpoint, region_name='us-east-1', aws_access_key_id=key, aws_secret_access_key=secret, config=Config(signature_version='s3v4') if name == 's3' else None)
s3 = client('s3')
s3.create_bucket(Bucket='bucket')
name = 'a b/\\u00e4+(1)~'
s3.put_object(Bucket='bucket', Key=name, Body=b'content')
url = s3.generate_presigned_url('get_object', Params={'Bucket': 'bucket', 'Key': name}, ExpiresIn=60)
print(urllib.request.urlopen(url).read().decode())
put = s3.generate_presigned_url('put_object', Params={'Bucket': 'bucket', 'Key': 'k'}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(put, data=b'sent', method='PUT'))
print(s3.get_object(Bucket='bucket', Key='k')['Body'].read().decode())
post = s3.generate_presigned_post('bucket', 'posted/\${filename}', Conditions=[['content-length-range', 0, 10]])
parts = [f'--b\\r\\nContent-Disposition: form-data; name="{name}"\\r\\n\\r\\n{value}\\r\\n' for name, value in post['fields'].items()]
parts.append('--b\\r\\nContent-Disposition: form-data; name="file"; filename="f"\\r\\n\\r\\nform\\r\\n--b--\\r\\n')
form = urllib.request.Request(post['url'], data=''.join(parts).encode(), headers={'content-type': 'multipart/form-data; boundary=b'})
urllib.request.urlopen(form)
print(s3.get_object(Bucket='bucket', Key='posted/f')['Body'].read().decode())
client('kinesis').create_stream(StreamName='s', ShardCount=1)
print(client('kinesis').list_streams()['StreamNames'])
client('lambda').list_functions()
client('sns').create_topic(Name='t')
`;

test(
  'boto3: calls, presigned URLs and presigned posts',
  { skip: hasBoto3 ? false : 'needs boto3' },
  async () => {
    await using server = await startTestServer({ rootKey: ROOT });
    const args = ['-c', BOTO3, server.endpoint, ROOT.accessKeyId, ROOT.secretAccessKey];
    assert.equal(await run(python, args), "content\nsent\nform\n['s']\n");
  },
);

test('curl --aws-sigv4', async () => {
  await using server = await startTestServer({ rootKey: ROOT });
  const call = (user: string) =>
    run('curl', [
      '-s',
      '--aws-sigv4',
      'aws:amz:us-east-1:kinesis',
      '--user',
      user,
      '-H',
      'Content-Type: application/x-amz-json-1.1',
      '-H',
      'X-Amz-Target: Kinesis_20131202.ListStreams',
      '-d',
      '{}',
      `${server.endpoint}/`,
    ]);
  assert.match(await call(`${ROOT.accessKeyId}:${ROOT.secretAccessKey}`), /"StreamNames":\[\]/);
  assert.match(await call(`${ROOT.accessKeyId}:another`), /InvalidSignatureException/);
});

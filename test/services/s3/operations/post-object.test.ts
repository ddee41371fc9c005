import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { startTestStorage, type TestStorage } from '../support.ts';

type Fields = Readonly<Record<string, string>>;
const Bucket = 'bucket';

function policyOf(conditions: readonly unknown[], seconds = 60): string {
  const expiration = new Date(Date.now() + seconds * 1000).toISOString();
  return Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
}

function formOf(fields: Fields, file: string | undefined, fileName = 'photo.txt'): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', new Blob([file], { type: 'text/plain' }), fileName);
  return form;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html; ceph/s3-tests test_post_object_*. */
describe('PostObject', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => storage.close());

  const any = [{ bucket: Bucket }, ['starts-with', '$key', '']];
  const post = async (
    fields: Fields,
    {
      conditions = any,
      seconds,
      file = 'content',
      headers = {},
    }: { conditions?: readonly unknown[]; seconds?: number; file?: string | null; headers?: Fields } = {},
  ) => {
    const all = { ...fields, policy: policyOf(conditions, seconds), 'x-amz-signature': '0'.repeat(64) };
    const response = await fetch(`${storage.endpoint}/${Bucket}`, {
      method: 'POST',
      body: formOf(all, file ?? undefined),
      redirect: 'manual',
      headers,
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      code: /<Code>(.*)<\/Code>/.exec(text)?.[1],
    };
  };
  const wish = (name: string, value: string) =>
    post({ key: 'wish', [name]: value }, { conditions: [...any, ['starts-with', `$${name}`, '']] });
  const plain = async (body: FormData | string, type?: string) => {
    const response = await fetch(`${storage.endpoint}/${Bucket}`, {
      method: 'POST',
      body,
      ...(type !== undefined && { headers: { 'content-type': type } }),
    });
    return [response.status, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]];
  };
  const refused = async (code: string, status: number, call: ReturnType<typeof post>) => {
    const answer = await call;
    assert.deepEqual([answer.code, answer.status], [code, status], answer.text);
  };
  const read = async (Key: string) =>
    (await storage.client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

  it("stores the file of a form as an object, with the form's headers and metadata", async () => {
    const fields = {
      key: 'posted/${filename}',
      'Content-Type': 'text/x-note',
      'x-amz-meta-Color': 'red',
      acl: 'private',
    };
    const conditions = [
      { bucket: Bucket },
      ['starts-with', '$key', 'posted/'],
      ['starts-with', '$Content-Type', 'text/'],
      { 'x-amz-meta-color': 'red' },
      { acl: 'private' },
    ];
    const answer = await post(fields, { conditions });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('location'), `${storage.endpoint}/${Bucket}/posted%2Fphoto.txt`);
    const head = await storage.client.send(new HeadObjectCommand({ Bucket, Key: 'posted/photo.txt' }));
    assert.deepEqual([head.ContentType, head.Metadata], ['text/x-note', { color: 'red' }]);
    assert.equal(head.ETag, answer.headers.get('etag'));
    assert.equal(await read('posted/photo.txt'), 'content');
  });

  it('accepts a file that looks like the end of a form, and a large one', async () => {
    const file = `\r\n--${'-'.repeat(100)}\r\n`.repeat(20_000);
    assert.equal((await post({ key: 'large' }, { file })).status, 204);
    assert.equal(await read('large'), file);
    assert.equal((await post({ key: 'empty' }, { file: '' })).status, 204);
    assert.equal(await read('empty'), '');
  });

  it('responds with the status or the redirect that the form requests', async () => {
    assert.equal((await wish('success_action_status', '200')).status, 200);
    const created = await wish('success_action_status', '201');
    assert.equal(created.status, 201);
    assert.match(created.text, /<PostResponse.*<Bucket>bucket<\/Bucket><Key>wish<\/Key><ETag>&quot;/);
    assert.equal((await wish('success_action_status', '418')).status, 204);
    const redirected = await wish('success_action_redirect', 'https://example.com/done?a=1');
    assert.equal(redirected.status, 303);
    const url = new URL(redirected.headers.get('location') ?? '');
    assert.deepEqual(
      [url.host, ...['a', 'bucket', 'key'].map((name) => url.searchParams.get(name))],
      ['example.com', '1', Bucket, 'wish'],
    );
  });

  it('does only what its policy allows, until it expires', async () => {
    const key = 'guarded';
    await refused('AccessDenied', 403, post({ key }, { seconds: -1 }));
    await refused('AccessDenied', 403, post({ key }, { conditions: [{ key: 'another' }] }));
    await refused('AccessDenied', 403, post({ key }, { conditions: [['starts-with', '$key', 'x']] }));
    await refused('AccessDenied', 403, post({ key }, { conditions: [...any, { bucket: 'another' }] }));
    await refused('AccessDenied', 403, post({ key }, { conditions: [['starts-with', '$key', '']] }));
    await refused('AccessDenied', 403, post({ key, 'x-amz-meta-a': 'b' }));
    await refused(
      'EntityTooLarge',
      400,
      post({ key }, { conditions: [...any, ['content-length-range', 0, 3]] }),
    );
    await refused(
      'EntityTooSmall',
      400,
      post({ key }, { conditions: [...any, ['content-length-range', 10, 30]] }),
    );
    await refused('InvalidPolicyDocument', 400, post({ key }, { conditions: [['matches', '$key', '.*']] }));
    await assert.rejects(read(key));
  });

  it('refuses other forms, and pages that are not allowed', async () => {
    await refused('InvalidArgument', 400, post({}));
    await refused('InvalidArgument', 400, post({ key: 'k' }, { file: null }));
    const acl = { conditions: [...any, ['starts-with', '$acl', '']] };
    await refused('NotImplemented', 501, post({ key: 'k', acl: 'public-read' }, acl));
    await refused('AccessDenied', 403, post({ key: 'k' }, { headers: { origin: 'https://evil.example' } }));

    assert.deepEqual(await plain(formOf({ key: 'k' }, 'x')), [403, 'AccessDenied']);
    assert.deepEqual(await plain('a=b', 'application/x-www-form-urlencoded'), [412, 'PreconditionFailed']);
    const type = 'multipart/form-data; boundary=x';
    assert.deepEqual(await plain('--x\r\nno head', type), [400, 'MalformedPOSTRequest']);
    const endless = `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'a'.repeat(30_000)}`;
    assert.deepEqual(await plain(endless, type), [400, 'MaxPostPreDataLengthExceededError']);
  });
});

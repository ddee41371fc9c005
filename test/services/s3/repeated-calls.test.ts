import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { signedFor } from '../../support/admission.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startTestStorage, type TestStorage } from './support.ts';

const id = (name: string) => ({ 'amz-sdk-invocation-id': `00000000-0000-4000-8000-${name}` });

/**
 * A call whose answer was lost comes again with the same `amz-sdk-invocation-id`, perhaps after a restart: it is
 * answered as the first time, although the first has changed what its condition looks at.
 */
describe('a retry', () => {
  let folder: string;
  let storage: TestStorage;
  before(async () => (folder = await temporaryFolder()));
  beforeEach(async () => {
    storage = await startTestStorage({ folder });
    await send('PUT', '/bucket');
  });
  afterEach(() => storage.close());
  after(() => rm(folder, { recursive: true, force: true }));

  const send = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ) => {
    const response = await fetch(`${storage.endpoint}${path}`, {
      method,
      headers: { ...signedFor('s3'), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text(), etag: response.headers.get('etag') };
  };
  const restart = async () => {
    await storage.close();
    storage = await startTestStorage({ folder });
  };

  it('puts and copies an object once', async () => {
    await send('PUT', '/bucket/source', {}, 'a');
    for (const [name, headers] of [
      ['put', {}],
      ['copy', { 'x-amz-copy-source': '/bucket/source' }],
    ] as const) {
      const call = (own: string) =>
        send('PUT', `/bucket/${name}`, { 'if-none-match': '*', ...headers, ...id(own + name) }, 'a');
      assert.equal((await call('one')).status, 200, name);
      await restart();
      assert.equal((await call('one')).status, 200, name);
      assert.equal((await call('two')).status, 412, name);
    }
  });

  it('deletes an object once', async () => {
    const { etag } = await send('PUT', '/bucket/deleted', {}, 'a');
    const call = (own: string) => send('DELETE', '/bucket/deleted', { 'if-match': etag ?? '', ...id(own) });
    assert.equal((await call('one')).status, 204);
    await restart();
    assert.equal((await call('one')).status, 204);
    assert.equal((await call('two')).status, 404);
  });

  it('completes or aborts an upload once', async () => {
    const begin = async () => {
      const { text } = await send('POST', '/bucket/upload?uploads');
      const query = `/bucket/upload?uploadId=${/<UploadId>(.*)<\/UploadId>/.exec(text)?.[1]}`;
      const { etag } = await send('PUT', `${query}&partNumber=1`, {}, 'part');
      const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
      return { query, body };
    };
    const { query, body } = await begin();
    const first = await send('POST', query, { 'if-none-match': '*' }, body);
    assert.equal(first.status, 200);
    await restart();
    assert.deepEqual(await send('POST', query, { 'if-none-match': '*' }, body), {
      ...first,
      text: first.text.replace(/localhost:\d+|127\.0\.0\.1:\d+/, new URL(storage.endpoint).host),
    });

    const aborted = await begin();
    assert.equal((await send('DELETE', aborted.query, id('one'))).status, 204);
    await restart();
    assert.equal((await send('DELETE', aborted.query, id('one'))).status, 204);
    assert.equal((await send('DELETE', aborted.query, id('two'))).status, 404);
  });
});

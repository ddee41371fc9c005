import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { declared } from '../../support/declarations.ts';
import { clientOptions } from '../../support/client.ts';
import { refusalOf } from '../../support/refusal.ts';
import { startTestServer } from '../../support/server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

describe('a list log declared in nagare.yaml', () => {
  it('is created with its stream and bucket, accepts a new format, and refuses another object', async () => {
    const folder = await temporaryFolder();
    const dataDir = join(folder, 'data');
    const log = {
      stream: 'stream',
      bucket: 'my-bucket',
      key: 'log.txt',
      format: '{message}',
    };
    const start = (changed: object) =>
      startTestServer({
        dataDir,
        declarations: declared({
          streams: { stream: { shardCount: 1 } },
          listLogs: { log: { ...log, ...changed } },
        }),
      });
    const read = () => readFile(join(dataDir, 'objects/my-bucket/log.txt'), 'utf8').catch(() => '');
    const putAndAwait = async (endpoint: string, message: number, text: string): Promise<void> => {
      const kinesis = new KinesisClient(clientOptions(endpoint));
      const Data = Buffer.from(JSON.stringify({ message }));
      await kinesis.send(new PutRecordCommand({ StreamName: 'stream', PartitionKey: 'k', Data }));
      kinesis.destroy();
      await until(async () => (await read()) === text, { what: `the log is ${text}` });
    };

    let server = await start({});
    await putAndAwait(server.endpoint, 1, '1\n');
    await server.close();
    server = await start({ format: 'now {message}' });
    await putAndAwait(server.endpoint, 2, '1\nnow 2\n');
    await server.close();
    await assert.rejects(
      start({ key: 'other.txt' }),
      /was created with key log\.txt but is declared with other\.txt/,
    );
    await assert.rejects(start({ format: '{time:VV}' }), /time pattern letters VV/);
    await rm(folder, { recursive: true, force: true });
  });

  // It stayed for ever, and the log, which thus differed from what was declared, was opened again at every start.
  it('drops a region that is no longer declared', async () => {
    const folder = await temporaryFolder();
    const other = await startTestServer();
    const regionOf = async (region: { region?: string }): Promise<unknown> => {
      const log = {
        stream: 'stream',
        bucket: 'my-bucket',
        key: 'log.txt',
        endpoint: other.endpoint,
        ...region,
      };
      const streams = { stream: { shardCount: 1 } };
      const declarations = declared({ streams, listLogs: { log } });
      await using server = await startTestServer({ dataDir: join(folder, 'data'), declarations });
      const answer = await fetch(server.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'NagareListLog_20261101.DescribeListLog',
        },
        body: JSON.stringify({ ListLogName: 'log' }),
      });
      const { ListLogDescription } = (await answer.json()) as { ListLogDescription: { Region?: string } };
      return ListLogDescription.Region;
    };
    assert.equal(await regionOf({ region: 'eu-west-1' }), 'eu-west-1');
    assert.equal(await regionOf({}), undefined);
    await other.close();
    await rm(folder, { recursive: true, force: true });
  });

  // They went past the API's checks: a log that was called "a b" could afterwards be neither described nor deleted.
  it('is validated like CreateListLog', async () => {
    const good = { stream: 'stream', bucket: 'my-bucket', key: 'log.txt' };
    const refusal = (changed: object) => refusalOf({ listLogs: { log: { ...good, ...changed } } });
    const name = await refusalOf({ listLogs: { 'a b': good } });
    assert.match(name, /listLogs\.a b: .*'a b' at 'listLogName' .* pattern/);
    assert.match(await refusal({ stream: 'o k' }), /'o k' at 'stream' .* pattern/);
    assert.match(await refusal({ bucket: 'b' }), /bucket/);
    assert.match(await refusal({ key: '' }), /'' at 'key' .* length greater than or equal to 1/);
    const long = await refusal({ key: 'k'.repeat(2000) });
    assert.match(long, /at 'key' .* length less than or equal to 1024/);
    assert.match(await refusal({ endpoint: 'foo' }), /'foo' at 'endpoint' .* https\?/);
    assert.match(await refusal({ endpoint: 'http://a b' }), /Endpoint http:\/\/a b is not a URL/);
    assert.match(await refusal({ region: 'eu-west-1' }), /Region is only valid together with the Endpoint/);
    assert.match(
      await refusalOf({ listLogs: { log: good, twin: good } }),
      /listLogs\.log: the list log twin is also declared with s3:\/\/my-bucket\/log\.txt/,
    );
  });
});

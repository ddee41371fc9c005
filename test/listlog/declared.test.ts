import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { noDeclarations } from '../../src/config/declarations.ts';
import type { DeclaredListLog } from '../../src/config/declarations.ts';
import { clientOptions } from '../support/client.ts';
import { startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a list log declared in nagare.yaml', () => {
  it('is made with its stream and bucket, takes a new format, and refuses another object', async () => {
    const folder = await temporaryFolder();
    const dataDir = join(folder, 'data');
    const log: DeclaredListLog = {
      stream: 'stream',
      bucket: 'my-bucket',
      key: 'log.txt',
      format: '{message}',
    };
    const start = (declared: Partial<DeclaredListLog>) =>
      startTestServer({
        dataDir,
        declarations: {
          ...noDeclarations,
          streams: { stream: { shardCount: 1 } },
          listLogs: { log: { ...log, ...declared } },
        },
      });
    const read = () => readFile(join(dataDir, 'objects/my-bucket/log.txt'), 'utf8').catch(() => '');
    const putAndAwait = async (endpoint: string, message: number, text: string): Promise<void> => {
      const kinesis = new KinesisClient(clientOptions(endpoint));
      const Data = Buffer.from(JSON.stringify({ message }));
      await kinesis.send(new PutRecordCommand({ StreamName: 'stream', PartitionKey: 'k', Data }));
      kinesis.destroy();
      for (let tries = 0; (await read()) !== text; tries++) {
        assert.ok(tries < 2000, await read());
        await setTimeout(2);
      }
    };

    let server = await start({});
    await putAndAwait(server.endpoint, 1, '1\n');
    await server.close();
    server = await start({ format: 'now {message}' });
    await putAndAwait(server.endpoint, 2, '1\nnow 2\n');
    await server.close();
    await assert.rejects(
      start({ key: 'other.txt' }),
      /was made with key log\.txt, and is declared with other\.txt/,
    );
    await assert.rejects(start({ format: '{time:QQ}' }), /time pattern letters QQ/);
    await rm(folder, { recursive: true, force: true });
  });
});

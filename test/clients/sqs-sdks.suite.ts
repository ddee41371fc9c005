/** Queues with clients in Java and Go: AWS's SDKs, a listener of Spring Cloud AWS, and AWS's JMS library. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildJava } from '../support/java.ts';
import { spawnServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, programPath, runTool } from '../support/tools.ts';

const javaFolder = fileURLToPath(new URL('java-queues/', import.meta.url));
const goFolder = fileURLToPath(new URL('go/', import.meta.url));

test('the AWS SDK for Go 2 sends, waits, extends, deletes, and recognizes errors', async (t) => {
  if (!hasTools(t, 'go')) return;
  await using server = await spawnServer();
  const client = join(await temporaryFolder(), 'client');
  await runTool('go', ['build', '-o', client, './queues'], { cwd: goFolder });
  assert.equal(await runTool(client, [server.endpoint]), 'ok\n');
});

describe('clients of queues in Java', () => {
  let classPath: string;

  before(async () => {
    if (programPath('mvn') !== undefined) ({ classPath } = await buildJava(javaFolder));
  });

  const java = async (t: TestContext, main: string): Promise<void> => {
    if (!hasTools(t, 'mvn', 'java')) return;
    await using server = await spawnServer();
    const options = ['-cp', classPath, '-Dorg.slf4j.simpleLogger.defaultLogLevel=off'];
    assert.equal(await runTool('java', [...options, `nagare.${main}`, server.endpoint]), 'ok\n');
  };

  test('the AWS SDK sends, waits, extends, deletes, batches, and recognizes errors', (t) =>
    java(t, 'SqsSdk'));

  test('a Spring listener extends a slow message, gets a failed one again, and keeps groups in order', (t) =>
    java(t, 'SpringListener'));

  test("AWS's JMS library recovers what it has not acknowledged", (t) => java(t, 'Jms'));
});

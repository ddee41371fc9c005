import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { startTestServer, temporaryFolder } from '../support/server.ts';

test('wrong keys are exit code 6 for what only nagare has too, in words', async () => {
  const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  await using server = await startTestServer({ rootKey });
  const workingFolder = await temporaryFolder();
  await writeFile(join(workingFolder, 'nagare.yaml'), 'streams: {}\n');
  for (const command of [
    'top --once',
    'declare',
    'consumer report orders',
    'clock accept',
    'apply',
    'console login',
  ]) {
    const args = [...command.split(' '), '--endpoint-url', server.endpoint];
    const { code, output, errors } = await runCommand(args, {}, { workingFolder });
    assert.deepEqual([code, output], [6, ''], `${command}: ${errors}`);
    assert.match(errors, /^nagare: UnrecognizedClientException: The [^{}]*\n {2}try: .+\n$/, command);
  }
});

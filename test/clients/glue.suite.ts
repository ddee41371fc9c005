/** Glue's table catalog with boto3, whose paginators and exceptions are made from its own model. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestServer } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';

const script = fileURLToPath(new URL('glue.py', import.meta.url));

test('boto3 makes, pages through, changes and deletes databases and tables, and knows the errors', async (t) => {
  if (!hasTools(t, 'python3', 'aws')) return;
  await using server = await startTestServer();
  assert.equal(await runTool('python3', [script, server.endpoint]), 'ok\n');
});

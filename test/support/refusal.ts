import assert from 'node:assert/strict';
import { ConfigError } from '../../src/config.ts';
import { declared } from './declarations.ts';
import { startTestServer } from './server.ts';

/** What a server that does not start on these declarations says of them. */
export async function refusalOf(content: object): Promise<string> {
  try {
    await using server = await startTestServer({ declarations: declared(content) });
    return `${server.endpoint} started`;
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
}

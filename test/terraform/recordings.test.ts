/**
 * The calls that Terraform made for the modules, recorded by `RECORD=<name> node --test test/terraform/modules.suite.ts`
 * and made again here, where Terraform need not be installed: each must be answered with the same status and the same
 * members.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { signedFor } from '../support/admission.ts';
import { declared } from '../support/declarations.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { membersOf, type RecordedCall, valuesOf } from './recording.ts';
import { catalogs } from './catalogs.ts';

const folder = fileURLToPath(new URL('recordings/', import.meta.url));

for (const file of globSync('*.jsonl', { cwd: folder })) {
  test(`the calls of Terraform in ${file} are answered as when they were recorded`, async () => {
    await using server = await startTestServer({ declarations: declared({ catalogs }) });
    const lines = readFileSync(folder + file, 'utf8')
      .trimEnd()
      .split('\n');
    const calls = lines.map((line) => JSON.parse(line) as RecordedCall);
    /** What this server answered in place of recorded values: identifiers and the like. */
    const renewed = new Map<string, string>();
    for (const call of calls) {
      let answer = '';
      const result = async () => {
        const response = await repeat(server.endpoint, call, renewed);
        answer = Buffer.from(await response.arrayBuffer()).toString('latin1');
        return { status: response.status, members: membersOf(answer) };
      };
      const expected = { status: call.status, members: call.members };
      const isSame = async () => {
        try {
          assert.deepEqual(await result(), expected);
          return true;
        } catch {
          return false;
        }
      };
      // Terraform has waited for states that take a moment.
      if (
        !(await until(isSame).then(
          () => true,
          () => false,
        ))
      ) {
        assert.deepEqual(await result(), expected, `${describe(call)}: ${answer}`);
      }
      const values = valuesOf(answer);
      for (const [place, recorded] of Object.entries(call.values)) {
        renewed.set(recorded, values.get(place) ?? recorded);
      }
    }
  });
}

function repeat(
  endpoint: string,
  call: RecordedCall,
  renewed: ReadonlyMap<string, string>,
): Promise<Response> {
  const renew = (text: string) =>
    [...renewed].reduce(
      (changed, [recorded, now]) =>
        changed.replaceAll(recorded, now).replaceAll(encodeURIComponent(recorded), encodeURIComponent(now)),
      text,
    );
  return fetch(endpoint + renew(call.path), {
    method: call.method,
    headers: { ...call.headers, ...signedFor(call.service) },
    ...(call.body === '' ? {} : { body: Buffer.from(renew(call.body), 'latin1') }),
  });
}

function describe({ service, method, path, headers, body }: RecordedCall): string {
  return `${service} ${headers['x-amz-target'] ?? `${method} ${path}`} ${body.slice(0, 300)}`;
}

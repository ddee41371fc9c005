/**
 * Each module of modules/ is applied to an empty server, plans nothing, takes a change, plans nothing, and is destroyed
 * without a rest. All are children of one root module, because starting the provider takes longer than all of their
 * calls. A run takes a third of the modules, which the seed chooses; `MODULES=all` takes all of them and those of
 * modules/long, `MODULES=stream,alarm` these, and `RECORD=all` writes the calls of those in modules to
 * recordings/all.jsonl.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { catalogs } from './catalogs.ts';
import { declared } from '../support/declarations.ts';
import { runSeed, seededPick } from '../support/random.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { remainingResources } from './remaining.ts';
import { RecordingProxy, writeRecording } from './recording.ts';
import { longModuleNames, missing, moduleNames, Workspace } from './terraform.ts';

/** Where the calls are written, for recordings.test.ts. */
const recording = process.env['RECORD'];
const seed = runSeed();
const chosen = recording === undefined ? chosenModules(process.env['MODULES'] ?? '') : moduleNames;

/** The short form is for runs of everything: recordings.test.ts makes the calls of all modules. */
function chosenModules(named: string): readonly string[] {
  if (named === 'all') return [...moduleNames, ...longModuleNames];
  if (named !== '') return named.split(',');
  const pick = seededPick(seed);
  const left = [...moduleNames];
  return Array.from({ length: Math.ceil(moduleNames.length / 3) }, () =>
    left.splice(pick(left.length), 1),
  ).flat();
}

describe(`Terraform (SEED=${seed})`, { skip: missing ?? false }, () => {
  const problems = new Map<string, string[]>(chosen.map((name) => [name, []]));
  /** Of which Terraform does not say to what they belong. */
  const elsewhere: string[] = [];
  let server: TestServer;
  let remaining: string[] = [];

  function note(step: string, found: readonly { readonly module: string; readonly text: string }[]): void {
    for (const { module, text } of found) (problems.get(module) ?? elsewhere).push(`${step}: ${text}`);
  }

  before(async () => {
    server = await startTestServer({ declarations: declared({ catalogs }) });
    const proxy = new RecordingProxy(server.endpoint);
    const workspace = await Workspace.open(chosen, await proxy.listen());
    const planned = async (step: number) =>
      (await workspace.plan(step)).map(({ module, address, actions }) => ({
        module,
        text: `${address} would be changed: ${actions.join()}`,
      }));
    note('apply', (await workspace.apply(1)).failures);
    note('plan after apply', await planned(1));
    const { failures, changed } = await workspace.apply(2);
    note('change', failures);
    const unchanged = chosen.filter((module) => !changed.has(module));
    note(
      'change',
      unchanged.map((module) => ({ module, text: 'nothing was changed' })),
    );
    note('plan after change', await planned(2));
    note('destroy', (await workspace.destroy(2)).failures);
    remaining = await remainingResources(server.endpoint);
    await proxy.close();
    if (recording !== undefined) writeRecording(recording, proxy.calls());
  });

  after(() => server.close());

  for (const name of chosen) {
    test(`${name}: applied, changed and destroyed, and no plan is left open`, () => {
      assert.deepEqual(problems.get(name), []);
    });
  }

  test('nothing else failed', () => assert.deepEqual(elsewhere, []));

  test('nothing is left on the server', () => assert.deepEqual(remaining, []));
});

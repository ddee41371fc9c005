import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFunction, invoke, sharedLambda } from '../lambda-server.ts';
import { skipWithout } from './level.ts';

/** Tries to change the compiled code of the bootstrap, which all functions run. */
const forger = `
import fs from 'node:fs';
import { getCompileCacheDir } from 'node:module';
export const handler = async () => {
  const folder = getCompileCacheDir();
  if (folder === undefined) return { folder };
  const files = fs.readdirSync(folder).map((name) => folder + '/' + name);
  const refused = (work) => { try { work(); return false; } catch { return true; } };
  const attempts = files.flatMap((file) => [
    () => fs.writeFileSync(file, 'x'), () => fs.rmSync(file), () => fs.chmodSync(file, 0o666), () => fs.renameSync(file, file + '.old'),
  ]);
  attempts.push(() => fs.writeFileSync(folder + '/new', 'x'), () => fs.symlinkSync('/tmp', folder + '/link'));
  attempts.push(() => fs.renameSync(folder, folder + '.old'), () => fs.mkdirSync(folder + '/../new'));
  return { folder, files: files.length, all: attempts.every(refused) };
};`;

for (const level of ['strict', 'user'] as const) {
  describe(`compiled code with isolation ${level}`, { skip: await skipWithout(level) }, () => {
    const shared = sharedLambda({ isolation: level });

    test("is the bootstrap's, created by the server and read-only for functions", async () => {
      const options = { Timeout: 20, Environment: { Variables: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } } };
      let answer: { folder?: string; files?: number; all?: boolean } = {};
      let log = '';
      // It is made beside the first starts. Node itself says in the log whether it uses it.
      for (let n = 0; answer.folder === undefined; n++) {
        await createFunction(shared(), `forger${n}`, forger, options);
        const invoked = await invoke(shared(), `forger${n}`);
        // As `forger` answers.
        answer = invoked.payload as typeof answer;
        log = invoked.log;
      }
      assert.equal(answer.all, true);
      assert.ok((answer.files ?? 0) > 10, String(answer.files));
      assert.match(log, /bootstrap\/telemetry\.ts was accepted/);
    });
  });
}

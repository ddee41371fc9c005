import assert from 'node:assert/strict';
import { join } from 'node:path';
import { tryIsolation } from '../../../../src/services/lambda/isolation/choose.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/**
 * Why tests of a level cannot run on this machine, for `skip`; false when they can. Where everything is to be shown
 * (CI=true) that is a failure.
 */
export async function skipWithout(level: 'strict' | 'user'): Promise<string | false> {
  const folder = await temporaryFolder();
  const tried = await tryIsolation(level, {
    folder: join(folder, 'functions'),
    above: [folder],
    hidden: [],
  });
  if (typeof tried !== 'string') return false;
  assert.notEqual(process.env['CI'], 'true', `isolation ${level} cannot be had here: ${tried}`);
  return tried;
}

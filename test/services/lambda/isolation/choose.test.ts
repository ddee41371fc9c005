import assert from 'node:assert/strict';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryIsolation } from '../../../../src/services/lambda/isolation/choose.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { skipWithout } from './level.ts';

/**
 * A data folder in a folder that is closed to others (/root, for one) was taken for one that functions of other users
 * can use: each of their processes then ended with exit status 125.
 */
test(
  'isolation by user is refused where other users cannot reach the code',
  { skip: await skipWithout('user') },
  async () => {
    const outside = await temporaryFolder();
    const dataDir = join(outside, 'data');
    await mkdir(dataDir);
    const options = { folder: join(dataDir, 'functions'), above: [dataDir], hidden: [] };
    await chmod(outside, 0o700);
    assert.equal(
      await tryIsolation('user', options),
      `other users cannot enter ${outside}, which contains the data folder`,
    );
    await chmod(outside, 0o711);
    assert.notEqual(typeof (await tryIsolation('user', options)), 'string');
  },
);

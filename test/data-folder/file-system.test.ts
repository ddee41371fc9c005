import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UnsupportedFileSystemError } from '../../src/data-folder/errors.ts';
import { checkFileSystem } from '../../src/data-folder/file-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The numbers are those of statfs(2) and linux/magic.h. */
const refused = [
  { name: 'NFS', type: 0x6969, mountType: undefined },
  { name: 'SMB', type: 0xfe534d42, mountType: undefined },
  { name: '9p', type: 0x01021997, mountType: undefined },
  { name: 'Ceph', type: 0x00c36400, mountType: undefined },
  { name: 'fuse.sshfs', type: 0x65735546, mountType: 'fuse.sshfs' },
  { name: 'virtiofs', type: 0x65735546, mountType: 'virtiofs' },
  { name: 'FUSE', type: 0x65735546, mountType: undefined },
];

for (const { name, type, mountType } of refused) {
  test(`a data folder on ${name} is refused by name: two machines could use it at once`, async () => {
    await assert.rejects(checkFileSystem('/mnt/shared', Promise.resolve({ type, mountType })), (error) => {
      assert(error instanceof UnsupportedFileSystemError);
      assert.match(error.message, new RegExp(`^the data folder /mnt/shared is on ${name}, `));
      return true;
    });
  });
}

test('a data folder on a local file system is accepted', async () => {
  await checkFileSystem('/data', Promise.resolve({ type: 0xef53, mountType: undefined }));
  await checkFileSystem('/data', Promise.resolve({ type: 0x65735546, mountType: 'fuse.gocryptfs' }));
  await checkFileSystem(await temporaryFolder());
});

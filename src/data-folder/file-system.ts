import { readFile, stat, statfs } from 'node:fs/promises';

import { UnsupportedFileSystemError } from './errors.ts';

/** `f_type` values of statfs(2) and linux/magic.h. Other machines may access the same files on these. */
const SHARED_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0xaad7aaea, 'PanFS'],
  [0x786f4256, 'vboxsf'],
  [0xbacbacbc, 'vmhgfs'],
  [0x7c7c6673, 'prl_fs'],
]);

const FUSE = 0x65735546;

/** File systems behind FUSE, as /proc/self/mountinfo names them, whose files no other machine can access. */
const LOCAL_FUSE = new Set([
  'fuseblk',
  'fuse.bindfs',
  'fuse.encfs',
  'fuse.ext2',
  'fuse.fuse-overlayfs',
  'fuse.gocryptfs',
  'fuse.mergerfs',
  'fuse.ntfs-3g',
]);

const REASON = 'which other machines may access too: a lock does not keep them out';

/** What decides about a folder's file system; injected, for tests that cannot mount one. */
export interface FileSystemInfo {
  readonly type: number;
  /** As in /proc/self/mountinfo: `ext4`, `fuse.sshfs`, `virtiofs`; undefined when unknown. */
  readonly mountType: string | undefined;
}

/** Throws UnsupportedFileSystemError when two machines could use the folder at the same time. */
export async function checkFileSystem(folder: string, info = infoOf(folder)): Promise<void> {
  const { type, mountType } = await info;
  const shared = SHARED_TYPES.get(type);
  if (shared !== undefined) throw new UnsupportedFileSystemError(folder, shared, REASON);
  if (type !== FUSE || (mountType !== undefined && LOCAL_FUSE.has(mountType))) return;
  throw new UnsupportedFileSystemError(folder, mountType ?? 'FUSE', REASON);
}

async function infoOf(folder: string): Promise<FileSystemInfo> {
  // Other systems number their types differently.
  if (process.platform !== 'linux') return { type: 0, mountType: undefined };
  // Node returns a signed number on some machines.
  const type = Number(BigInt.asUintN(32, BigInt((await statfs(folder)).type)));
  return { type, mountType: type === FUSE ? await mountTypeOf(folder) : undefined };
}

/** A line of mountinfo: `36 35 98:0 /root /mount/point options [tags] - type source options`. */
async function mountTypeOf(folder: string): Promise<string | undefined> {
  const { dev } = await stat(folder, { bigint: true });
  // glibc's gnu_dev_major and gnu_dev_minor.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const line = lines.find((text) => text.split(' ', 3)[2] === `${major}:${minor}`);
  return line?.split(' - ')[1]?.split(' ')[0];
}

/** One change of the data folder, as disk-shim.c records it. */
export type DiskChange =
  | { readonly kind: 'root'; readonly inode: bigint; readonly mode: number; readonly path: string }
  | { readonly kind: 'create'; readonly inode: bigint; readonly mode: number; readonly path: string }
  | { readonly kind: 'makeFolder'; readonly inode: bigint; readonly mode: number; readonly path: string }
  | { readonly kind: 'write'; readonly inode: bigint; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: bigint; readonly length: number }
  | { readonly kind: 'chmod'; readonly inode: bigint; readonly mode: number }
  | {
      readonly kind: 'syncBegin' | 'syncEnd' | 'syncFailed';
      readonly inode: bigint;
      readonly sync: bigint;
    }
  | { readonly kind: 'rename' | 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'unlink' | 'removeFolder'; readonly path: string };

export interface LoggedChange {
  readonly change: DiskChange;
  /** Where the log is when the change has been made. */
  readonly end: number;
}

const HEADER_BYTES = 37;

/** Reads the log from the beginning; a change that was only begun to be recorded ends it. */
export function* readDiskLog(log: Buffer): Generator<LoggedChange> {
  let at = 0;
  while (at + HEADER_BYTES <= log.length) {
    const kind = log.toString('latin1', at, at + 1);
    const [inode, a] = [log.readBigUInt64LE(at + 1), log.readBigUInt64LE(at + 9)];
    const pathAt = at + HEADER_BYTES;
    const otherAt = pathAt + log.readUInt32LE(at + 25);
    const bytesAt = otherAt + log.readUInt32LE(at + 29);
    const end = bytesAt + log.readUInt32LE(at + 33);
    if (end > log.length) return;
    const path = log.toString('utf8', pathAt, otherAt);
    const other = log.toString('utf8', otherAt, bytesAt);
    yield { change: toChange(kind, inode, a, path, other, log.subarray(bytesAt, end)), end };
    at = end;
  }
}

function toChange(
  kind: string,
  inode: bigint,
  a: bigint,
  path: string,
  other: string,
  bytes: Buffer,
): DiskChange {
  switch (kind) {
    case 'r':
      return { kind: 'root', inode, mode: Number(a), path };
    case 'c':
      return { kind: 'create', inode, mode: Number(a), path };
    case 'm':
      return { kind: 'makeFolder', inode, mode: Number(a), path };
    case 'w':
      return { kind: 'write', inode, offset: Number(a), bytes };
    case 't':
      return { kind: 'truncate', inode, length: Number(a) };
    case 'p':
      return { kind: 'chmod', inode, mode: Number(a) };
    case 'b':
      return { kind: 'syncBegin', inode, sync: a };
    case 's':
      return { kind: 'syncEnd', inode, sync: a };
    case 'f':
      return { kind: 'syncFailed', inode, sync: a };
    case 'n':
      return { kind: 'rename', from: path, to: other };
    case 'l':
      return { kind: 'link', from: path, to: other };
    case 'y':
      return { kind: 'symlink', path, target: other };
    case 'u':
      return { kind: 'unlink', path };
    case 'd':
      return { kind: 'removeFolder', path };
    default:
      throw new Error(`the log of the disk has a change of kind ${JSON.stringify(kind)}`);
  }
}

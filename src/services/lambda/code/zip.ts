import { crc32, inflateRawSync } from 'node:zlib';

/** One entry of a zip file. Names are as stored in the zip, unchecked. */
export interface ZipEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symlink';
  /** Unix permissions; undefined when the zip was made on a system without them. */
  readonly permissions: number | undefined;
  readonly sizeBytes: number;
  /** CRC-32 of the content. */
  readonly checksum: number;
  /** Throws ZipError when the content is damaged. */
  content(): Buffer;
}

export class ZipError extends Error {
  override readonly name = 'ZipError';
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const MADE_BY_UNIX = 3;
const MADE_BY_MACOS = 19;
const FILE_TYPE = 0o170000;
const SYMLINK = 0o120000;

/**
 * Reads the directory of a zip file (PKWARE APPNOTE 6.3). The usual libraries do not return permissions, and a
 * `bootstrap` must be executable. Throws ZipError; does not read encrypted files and files over 4 GB.
 */
export function readZip(bytes: Buffer): ZipEntry[] {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let offset = bytes.readUInt32LE(end + 16);
  for (let read = 0; read < count; read++) {
    if (offset + CENTRAL_BYTES > end || bytes.readUInt32LE(offset) !== CENTRAL_SIGNATURE) {
      throw new ZipError('the directory of the zip file is damaged');
    }
    entries.push(readEntry(bytes, offset));
    offset += CENTRAL_BYTES;
    offset +=
      bytes.readUInt16LE(offset - 18) + bytes.readUInt16LE(offset - 16) + bytes.readUInt16LE(offset - 14);
  }
  return entries;
}

function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - END_BYTES - COMMENT_BYTES_MAX);
  for (let offset = bytes.length - END_BYTES; offset >= first; offset--) {
    if (bytes.readUInt32LE(offset) === END_SIGNATURE) return offset;
  }
  throw new ZipError('not a zip file');
}

function readEntry(bytes: Buffer, at: number): ZipEntry {
  const flags = bytes.readUInt16LE(at + 8);
  const name = bytes.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28));
  if ((flags & ENCRYPTED) !== 0) throw new ZipError(`${name} is encrypted`);
  const madeBy = bytes.readUInt8(at + 5);
  const mode = madeBy === MADE_BY_UNIX || madeBy === MADE_BY_MACOS ? bytes.readUInt32LE(at + 38) >>> 16 : 0;
  const stored = {
    method: bytes.readUInt16LE(at + 10),
    checksum: bytes.readUInt32LE(at + 16),
    packedBytes: bytes.readUInt32LE(at + 20),
    sizeBytes: bytes.readUInt32LE(at + 24),
    local: bytes.readUInt32LE(at + 42),
  };
  return {
    name,
    kind: name.endsWith('/') ? 'folder' : (mode & FILE_TYPE) === SYMLINK ? 'symlink' : 'file',
    permissions: mode === 0 ? undefined : mode & 0o777,
    sizeBytes: stored.sizeBytes,
    checksum: stored.checksum,
    content: () => readContent(bytes, name, stored),
  };
}

interface Stored {
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly local: number;
}

function readContent(bytes: Buffer, name: string, stored: Stored): Buffer {
  const { local, packedBytes, sizeBytes } = stored;
  if (local + LOCAL_BYTES > bytes.length || bytes.readUInt32LE(local) !== LOCAL_SIGNATURE) {
    throw new ZipError(`${name} is not at the offset that the directory names`);
  }
  const from = local + LOCAL_BYTES + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (from + packedBytes > bytes.length) throw new ZipError(`${name} is truncated`);
  const content = unpack(bytes.subarray(from, from + packedBytes), name, stored);
  if (content.length !== sizeBytes || crc32(content) !== stored.checksum)
    throw new ZipError(`${name} is damaged`);
  return content;
}

function unpack(packed: Buffer, name: string, { method, sizeBytes }: Stored): Buffer {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new ZipError(`${name} uses an unsupported compression method (${method})`);
  try {
    // Never inflate more than the directory declares: this stops zip bombs.
    return inflateRawSync(packed, { maxOutputLength: Math.max(sizeBytes, 1) });
  } catch (error) {
    throw new ZipError(`${name} is damaged`, { cause: error });
  }
}

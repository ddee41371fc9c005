import { crc32 } from 'node:zlib';

/** A change in the journal of version 1. */
export type ChangeV1 = { readonly bucket: string; readonly key: string } & (
  | {
      readonly type: 'put';
      readonly generation: string;
      /** The text of the metadata file. */
      readonly meta: string;
      /** Undefined when the content is in the staging folder, synced. */
      readonly bytes?: Buffer;
      /** The multipart upload that it completed. */
      readonly uploadId?: string;
    }
  | {
      readonly type: 'append';
      readonly generation: string;
      readonly meta: string;
      readonly offset: number;
      /** Undefined when the bytes are in the object's file, synced. */
      readonly bytes?: Buffer;
    }
  | { readonly type: 'delete' }
);

const HEADER_BYTES = 12;
const FRAME_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Reads the changes of a journal file, in order. A frame is: u32 length of what follows the crc, u32 crc of that, u32
 * length of the head, the head as JSON, the bytes; little-endian. An incomplete end, including zeros, was being written
 * at a crash and never acknowledged. A damaged frame followed by intact ones is damage, reported by its offset.
 */
export function readJournalV1(bytes: Buffer): { changes: ChangeV1[]; damagedAt: number[] } {
  const changes: ChangeV1[] = [];
  const damagedAt: number[] = [];
  let skipped: number | undefined;
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const end = wholeFrameEnd(bytes, at);
    if (end === undefined) {
      skipped ??= at;
      at = nextWholeFrame(bytes, at + 1) ?? bytes.length;
      continue;
    }
    if (skipped !== undefined) damagedAt.push(skipped);
    skipped = undefined;
    changes.push(changeOf(bytes.subarray(at + 8, end)));
    at = end;
  }
  return { changes, damagedAt };
}

function wholeFrameEnd(bytes: Buffer, at: number): number | undefined {
  const length = bytes.readUInt32LE(at);
  const end = at + 8 + length;
  // A length of 0, whose checksum is 0 too, is what a file system leaves of a write that never happened.
  if (length <= 4 || length > FRAME_BYTES_MAX || end > bytes.length) return undefined;
  return crc32(bytes.subarray(at + 8, end)) === bytes.readUInt32LE(at + 4) ? end : undefined;
}

/** Every head begins with `{"type":"`: compute checksums only there. */
const HEAD = Buffer.from('{"type":"');

function nextWholeFrame(bytes: Buffer, from: number): number | undefined {
  for (let head = bytes.indexOf(HEAD, from + HEADER_BYTES); head >= 0; head = bytes.indexOf(HEAD, head + 1)) {
    const at = head - HEADER_BYTES;
    if (wholeFrameEnd(bytes, at) !== undefined) return at;
  }
  return undefined;
}

function changeOf(body: Buffer): ChangeV1 {
  const headEnd = 4 + body.readUInt32LE(0);
  // Written by version 1, with a verified checksum.
  const { inline, ...change } = JSON.parse(body.toString('utf8', 4, headEnd)) as ChangeV1 & {
    inline: boolean;
  };
  if (change.type === 'delete' || !inline) return change;
  return { ...change, bytes: Buffer.from(body.subarray(headEnd)) };
}

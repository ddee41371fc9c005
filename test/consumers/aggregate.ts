import { createHash } from 'node:crypto';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export interface Part {
  readonly partitionKey: string;
  readonly explicitHashKey?: string | undefined;
  readonly data: Uint8Array;
}

/** Puts user records together as KPL does. */
export function aggregate(parts: readonly Part[]): Buffer {
  return seal(encodeMessage(parts));
}

export function encodeMessage(parts: readonly Part[]): Uint8Array {
  const partitionKeys = [...new Set(parts.map(({ partitionKey }) => partitionKey))];
  const explicitHashKeys = [...new Set(parts.flatMap(({ explicitHashKey: key }) => key ?? []))];
  const writer = new BinaryWriter();
  for (const key of partitionKeys) writer.tag(1, WireType.LengthDelimited).string(key);
  for (const key of explicitHashKeys) writer.tag(2, WireType.LengthDelimited).string(key);
  for (const { partitionKey, explicitHashKey, data } of parts) {
    writer.tag(3, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).uint64(partitionKeys.indexOf(partitionKey));
    if (explicitHashKey !== undefined) {
      writer.tag(2, WireType.Varint).uint64(explicitHashKeys.indexOf(explicitHashKey));
    }
    writer.tag(3, WireType.LengthDelimited).bytes(data).join();
  }
  return writer.finish();
}

/** Magic before, MD5 behind. */
export function seal(message: Uint8Array): Buffer {
  const digest = createHash('md5').update(message).digest();
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, digest]);
}

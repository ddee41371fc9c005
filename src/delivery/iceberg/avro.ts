import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { inflateRaw, zstdDecompress } from 'node:zlib';
import avro from 'avsc';

export type AvroSchema = unknown;

/** Reads Avro's long as bigint, because a double cannot represent all snapshot ids. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (left: bigint, right: bigint) => (left === right ? 0 : left < right ? -1 : 1),
});

function typeFor(schema: AvroSchema) {
  // Throws if the value is not a schema.
  return avro.Type.forSchema(schema as avro.Schema, { registry: { long }, wrapUnions: 'never' });
}

/** Writes an object container file, deflated. The same values give the same bytes. */
export async function encodeAvro(
  schema: AvroSchema,
  metadata: Readonly<Record<string, string>>,
  values: readonly unknown[],
): Promise<Buffer> {
  const type = typeFor(schema);
  const header = Object.entries({ ...metadata, 'avro.schema': JSON.stringify(schema) });
  // The file must include Iceberg's attributes (field-id), which avsc omits from a type's schema.
  const named = header.map(([name, value]) => [name, Buffer.from(value)]);
  const options = {
    codec: 'deflate',
    syncMarker: createHash('md5').update(JSON.stringify(header)).digest(),
    metadata: Object.fromEntries(named),
    writeHeader: 'always' as const,
  };
  const encoder = new avro.streams.BlockEncoder(type, options);
  for (const value of values) encoder.write(value);
  encoder.end();
  return await buffer(encoder);
}

export interface AvroFile {
  readonly schema: AvroSchema;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** Reads a file of any Iceberg writer. Throws if the file is damaged. */
export async function decodeAvro(bytes: Buffer): Promise<AvroFile> {
  let schema: AvroSchema;
  const decoder = new avro.streams.BlockDecoder({
    parseHook(parsed) {
      schema = parsed;
      return typeFor(parsed);
    },
    codecs: {
      null: (block, done) => done(null, block),
      deflate: inflateRaw,
      zstandard: zstdDecompress,
    },
  });
  const records: Readonly<Record<string, unknown>>[] = [];
  decoder.on('data', (record: Readonly<Record<string, unknown>>) => records.push(record));
  // avsc ignores a truncated last block, so check that the file ends with the sync marker, as each block does.
  let marker: Buffer | undefined;
  decoder.on('metadata', (...[, , header]: [unknown, unknown, { sync: Buffer }]) => (marker = header.sync));
  await new Promise((resolve, reject) => {
    decoder.on('end', resolve);
    decoder.on('error', reject);
    decoder.end(bytes);
  });
  if (marker?.equals(bytes.subarray(-marker.length)) !== true) throw new Error('the Avro file is truncated');
  return { schema, records };
}

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ShardCheckpoint } from '../../consumers/checkpoints.ts';

/**
 * The state of a list log, in its object's metadata. It changes in the same write as the content, so lines and
 * positions always agree.
 */
export interface LogState {
  /** The id of the list log that writes the object. */
  readonly id: string;
  /** Differs for each write. */
  readonly writeToken: string;
  /** The stream's incarnation that the positions belong to. */
  readonly incarnation: string;
  /** How far each shard's lines are in the object. */
  readonly positions: ReadonlyMap<string, ShardCheckpoint>;
  readonly lines: number;
  /** Lines with raw text, because the record was not JSON or lacked a field. */
  readonly rawLines: number;
}

const ID = 'nagare-list-log';
const STREAM = 'nagare-stream';
const LINES = 'nagare-lines';
const POSITIONS = 'nagare-positions';
const VERSION = '1';
/** Shorter positions are stored uncompressed, to stay readable. */
const PLAIN_CHARACTERS_MAX = 500;
/** Ten thousand shards take a fifth of it. */
const POSITIONS_BYTES_MAX = 4 * 1024 * 1024;

export function stateMetadata(state: LogState): Record<string, string> {
  return {
    [ID]: `${VERSION};${state.id};${state.writeToken}`,
    [STREAM]: encodeURIComponent(state.incarnation),
    [LINES]: `${state.lines};${state.rawLines}`,
    [POSITIONS]: encodePositions(state.positions),
  };
}

/** Returns undefined if the object does not belong to a list log (any more). */
export function readState(metadata: Readonly<Record<string, string>>): LogState | undefined {
  const [version, id, writeToken] = (metadata[ID] ?? '').split(';');
  const [lines, rawLines] = (metadata[LINES] ?? '').split(';').map(Number);
  const positions = decodePositions(metadata[POSITIONS] ?? '');
  const incarnation = metadata[STREAM];
  if (version !== VERSION || id === undefined || writeToken === undefined || positions === undefined) {
    return undefined;
  }
  if (lines === undefined || rawLines === undefined || incarnation === undefined) return undefined;
  return { id, writeToken, incarnation: decodeURIComponent(incarnation), positions, lines, rawLines };
}

export function metadataBytes(metadata: Readonly<Record<string, string>>): number {
  return Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/**
 * `shardId=>4965...` after a record, `=@` at one, `=.` finished. Many positions are compressed to about 20 bytes a
 * shard.
 */
function encodePositions(positions: ReadonlyMap<string, ShardCheckpoint>): string {
  const plain = [...positions].map(([shardId, position]) => `${shardId}=${positionText(position)}`).join(',');
  if (plain.length <= PLAIN_CHARACTERS_MAX) return plain;
  return `z${deflateRawSync(columns(plain), { level: 9 }).toString('base64url')}`;
}

function decodePositions(text: string): Map<string, ShardCheckpoint> | undefined {
  const plain = text.startsWith('z') ? inflated(Buffer.from(text.slice(1), 'base64url')) : text;
  if (plain === undefined) return undefined;
  const positions = new Map<string, ShardCheckpoint>();
  for (const entry of plain.split(',')) {
    if (entry === '') continue;
    const match = /^([\w.-]+)=(?:(\.)|([>@])(\d+))$/.exec(entry);
    const [, shardId, finished, kind, sequenceNumber] = match ?? [];
    if (shardId === undefined) return undefined;
    if (finished !== undefined) positions.set(shardId, { state: 'finished' });
    else if (sequenceNumber !== undefined) {
      const type = kind === '>' ? 'AFTER_SEQUENCE_NUMBER' : 'AT_SEQUENCE_NUMBER';
      positions.set(shardId, { state: 'reading', from: { type, sequenceNumber } });
    }
  }
  return positions;
}

/** Undefined for what `encodePositions` has not written: users can write the metadata of objects too. */
function inflated(bytes: Buffer): string | undefined {
  try {
    return uncolumns(inflateRawSync(bytes, { maxOutputLength: POSITIONS_BYTES_MAX }).toString());
  } catch {
    return undefined;
  }
}

function positionText(position: ShardCheckpoint): string {
  if (position.state === 'finished') return '.';
  const { from } = position;
  switch (from.type) {
    case 'AFTER_SEQUENCE_NUMBER':
      return `>${from.sequenceNumber}`;
    case 'AT_SEQUENCE_NUMBER':
      return `@${from.sequenceNumber}`;
    case 'TRIM_HORIZON':
    case 'LATEST':
    case 'AT_TIMESTAMP':
      throw new Error(`a position of type ${from.type} is not stored with an object`);
  }
}

/**
 * Converts sequence numbers to hexadecimal: most of their digits are then the same in all shards, so they compress to
 * a third of the decimals' size.
 */
function columns(plain: string): string {
  return plain.replaceAll(
    /([>@])(\d+)/g,
    (_match, kind: string, decimal: string) => kind + BigInt(decimal).toString(16),
  );
}

function uncolumns(text: string): string {
  return text.replaceAll(
    /([>@])([0-9a-f]+)/g,
    (_match, kind: string, hex: string) => kind + BigInt(`0x${hex}`).toString(),
  );
}

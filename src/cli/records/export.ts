import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, type Duplex, PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Command } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { explained } from '../explain.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { saveFile } from '../output/save-file.ts';
import { Progress } from '../output/progress.ts';
import { bytesText, numberText } from '../output/units.ts';
import { CommandError, InterruptedError, type Terminal } from '../terminal.ts';
import { linesOf } from './lines.ts';
import { entryOfLine } from './ndjson.ts';
import { positionOf, untilOf, withPositions, type PositionFlags } from './positions.ts';
import { RecordWriter } from './put-batch.ts';
import { readStream, type ReadOptions } from './read-stream.ts';
import { ndjsonLine, type ReadBatch } from './record.ts';
import { randomUUID } from 'node:crypto';

type ExportFlags = ServerFlags & OutputFlags & PositionFlags;

const FILE = 'one JSON object per line; compressed if it ends in .gz or .zst';

/** `nagare export`: the records of a stream into a file. */
export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('write the records of a stream to a file, each shard in its order; import puts them again')
    .argument('<stream>', 'stream name or ARN')
    .argument('<file>', FILE);
  return withServer(withJson(withPositions(command))).action(
    async (stream: string, file: string, flags: ExportFlags) => {
      const signal = terminal.untilInterrupted();
      const nowMs = Date.now();
      const reading: ReadOptions = {
        server: await serverOf(flags, terminal),
        stream,
        position: positionOf(flags, nowMs) ?? { kind: 'oldest' },
        shardIds: flags.shardId,
        untilMs: untilOf(flags, nowMs),
        follow: false,
        signal,
      };
      const path = resolve(terminal.workingFolder, file);
      const progress = new Progress(terminal, 'records', { quiet: flags.quiet === true });
      await saveFile(path, async (output) => {
        const chunks = chunksOf(reading, { limit: flags.limit ?? Infinity, progress, nowMs });
        await pipeline(Readable.from(chunks), compressor(path), output);
        progress.end();
        if (signal.aborted) throw new InterruptedError(signal);
      });
      const { size } = await stat(path);
      const text = `${numberText(progress.done)} records in ${file} (${bytesText(size)})`;
      printResult(terminal, flags, text, { Records: progress.done, File: path, Bytes: size });
    },
  );
}

interface Exporting {
  readonly limit: number;
  readonly progress: Progress;
  readonly nowMs: number;
}

async function* chunksOf(
  reading: ReadOptions,
  { limit, progress, nowMs }: Exporting,
): AsyncGenerator<Buffer, void, undefined> {
  let left = limit;
  const span = new SpanRead(reading.untilMs ?? nowMs);
  for await (const { shardId, records } of readStream(reading)) {
    const taken = records.slice(0, left);
    left -= taken.length;
    const total = span.totalAfter(shardId, taken, progress.done + taken.length);
    if (total !== undefined) progress.expect(Math.min(total, limit));
    progress.add(taken.length);
    if (taken.length > 0) yield Buffer.from(taken.map((record) => ndjsonLine(shardId, record)).join(''));
    if (left <= 0) return;
  }
}

/**
 * How much of the time between the oldest record and the end has been read: an estimate of how many records there are,
 * which no operation tells.
 */
class SpanRead {
  readonly #endMs: number;
  readonly #byShard = new Map<string, { readonly firstMs: number; newestMs: number }>();

  constructor(endMs: number) {
    this.#endMs = endMs;
  }

  totalAfter(shardId: string, records: ReadBatch['records'], done: number): number | undefined {
    const [first, newest] = [records[0], records.at(-1)];
    if (first === undefined || newest === undefined) return undefined;
    const newestMs = newest.ApproximateArrivalTimestamp * 1000;
    const span = this.#byShard.get(shardId);
    if (span === undefined) {
      this.#byShard.set(shardId, { firstMs: first.ApproximateArrivalTimestamp * 1000, newestMs });
    } else span.newestMs = newestMs;
    let [readMs, wholeMs] = [0, 0];
    for (const { firstMs, newestMs: atMs } of this.#byShard.values()) {
      readMs += atMs - firstMs;
      wholeMs += this.#endMs - firstMs;
    }
    return readMs <= 0 ? undefined : done * Math.max(1, wholeMs / readMs);
  }
}

/** `nagare import`: the records of a file into a stream. */
export function importCommand(terminal: Terminal): Command {
  const command = new Command('import')
    .description('put the records of a file into a stream, in the order of the file')
    .argument('<stream>', 'stream name or ARN')
    .argument('<file>', FILE);
  return withServer(withJson(command)).action(
    async (stream: string, file: string, flags: ServerFlags & OutputFlags) => {
      const signal = terminal.untilInterrupted();
      const path = resolve(terminal.workingFolder, file);
      const { size } = await stat(path).catch((error: unknown) => {
        throw explained(error, `cannot read ${path}`);
      });
      const input = createReadStream(path, { signal });
      const progress = new Progress(terminal, 'bytes', { total: size, quiet: flags.quiet === true });
      input.on('data', (chunk) => progress.add(chunk.length));
      let records = 0;
      const writer = new RecordWriter(await serverOf(flags, terminal), stream, {
        signal,
        onStored: (stored) => (records += stored.length),
      });
      const text = decompressor(path);
      // A file that cannot be read ends the reading of its lines with the reason.
      void pipeline(input, text).catch(() => undefined);
      await copyLines(text, writer).catch((error: unknown) => {
        if (signal.aborted) throw new InterruptedError(signal);
        if (error instanceof CommandError) throw after(error, records);
        throw explained(error, `cannot read ${path}`);
      });
      progress.end();
      const again = writer.retried === 0 ? '' : `, ${numberText(writer.retried)} of them more than once`;
      const result = { Records: records, Retried: writer.retried };
      printResult(terminal, flags, `${numberText(records)} records put into ${stream}${again}`, result);
    },
  );
}

async function copyLines(text: AsyncIterable<Uint8Array>, writer: RecordWriter): Promise<void> {
  let number = 0;
  for await (const line of linesOf(text)) {
    number++;
    if (line.length > 0) await writer.add(entryOfLine(line, number, randomUUID));
  }
  await writer.flush();
}

/** Says how much of the file is in the stream, so that a user can go on after it. */
function after(error: CommandError, records: number): CommandError {
  const why = `${numberText(records)} records were put before${error.why === undefined ? '' : `; ${error.why}`}`;
  return new CommandError(error.message, {
    why,
    ...(error.remedy !== undefined && { remedy: error.remedy }),
  });
}

function compressor(path: string): Duplex {
  if (path.endsWith('.gz')) return createGzip();
  return path.endsWith('.zst') ? createZstdCompress() : new PassThrough();
}

function decompressor(path: string): Duplex {
  if (path.endsWith('.gz')) return createGunzip();
  return path.endsWith('.zst') ? createZstdDecompress() : new PassThrough();
}

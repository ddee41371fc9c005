import { Command, Option } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { say, type OutputFlags } from '../output/output.ts';
import { InterruptedError, type Terminal } from '../terminal.ts';
import { decodedNdjsonLine } from './decoded.ts';
import { compileFormat, defaultLine, FORMAT_HELP } from './format.ts';
import { lastRecords } from './last-records.ts';
import { positionOf, untilOf, withPositions, type PositionFlags } from './positions.ts';
import { readStream, type ReadOptions } from './read-stream.ts';
import { ndjsonLine, type ReadRecord } from './record.ts';

type TailFlags = ServerFlags &
  OutputFlags &
  PositionFlags & { readonly format?: string; readonly follow: boolean; readonly decode?: boolean };

/** `nagare tail`: the records of a stream as they arrive. */
export function tailCommand(terminal: Terminal): Command {
  const command = new Command('tail')
    .description(
      'print the records of a stream as they arrive; reads without a registration, and moves no position',
    )
    .argument('<stream>', 'stream name or ARN')
    .option('--no-follow', 'end at the newest record')
    .option('--format <text>', FORMAT_HELP)
    .option('--decode', 'with --ndjson: add what the data are (gzip, KPL, JSON, MessagePack, Avro, ...)')
    .option('--no-decode', 'print data as they are')
    .addOption(
      new Option('--ndjson', 'print one JSON object per line, which put --ndjson takes').conflicts('format'),
    )
    .addOption(
      new Option('--json', 'print one JSON array; ends at the newest record').conflicts(['format', 'ndjson']),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  nagare tail orders -n 10\n  nagare tail orders --since 15m --no-follow --ndjson | jq -r ".Data | @base64d"',
    );
  return withServer(withPositions(command)).action(async (stream: string, flags: TailFlags) => {
    const writer = new LineWriter(flags, terminal);
    const signal = terminal.untilInterrupted();
    const server = await serverOf(flags, terminal);
    const nowMs = Date.now();
    const follow = flags.follow && flags.json !== true;
    const fallback = { kind: follow ? 'latest' : 'oldest' } as const;
    let reading: ReadOptions = {
      server,
      stream,
      position: positionOf(flags, nowMs) ?? fallback,
      shardIds: flags.shardId,
      untilMs: untilOf(flags, nowMs),
      follow,
      signal,
      onTrouble: (reason) => say(terminal, flags, `nagare: ${reason ?? 'the server answers again'}`),
    };
    if (flags.last !== undefined) {
      const { records, positions, rest } = await lastRecords(flags.last, reading);
      for (const { shardId, record } of records) await writer.write(shardId, [record]);
      reading = { ...reading, position: rest, positions };
    }
    if (flags.last === undefined || follow) await copy(reading, writer);
    await writer.end();
    if (signal.aborted) throw new InterruptedError(signal);
  });
}

async function copy(reading: ReadOptions, writer: LineWriter): Promise<void> {
  if (writer.isFull) return;
  for await (const { shardId, records } of readStream(reading)) {
    await writer.write(shardId, records);
    if (writer.isFull) return;
  }
}

const CHUNK_LENGTH = 64 * 1024;

/** Writes records as the flags say, and counts them. */
export class LineWriter {
  readonly #terminal: Terminal;
  readonly #line: (shardId: string, record: ReadRecord) => string;
  readonly #encoding: 'latin1' | 'utf8';
  readonly #isArray: boolean;
  #left: number;
  #written = 0;

  constructor(flags: Pick<TailFlags, 'format' | 'ndjson' | 'json' | 'limit' | 'decode'>, terminal: Terminal) {
    const isForTerminal = terminal.columns !== undefined;
    this.#terminal = terminal;
    this.#left = flags.limit ?? Infinity;
    this.#isArray = flags.json === true;
    // The data of a format are bytes of any kind.
    this.#encoding = flags.format === undefined || isForTerminal ? 'utf8' : 'latin1';
    const { decode } = flags;
    if (flags.ndjson === true || this.#isArray) this.#line = decode === true ? decodedNdjsonLine : ndjsonLine;
    else if (flags.format === undefined) {
      const options = { isForTerminal, decode: decode !== false };
      this.#line = (id, record) => defaultLine(id, record, options);
    } else this.#line = compileFormat(flags.format, isForTerminal);
  }

  /** `--limit` is reached. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  async write(shardId: string, records: readonly ReadRecord[]): Promise<void> {
    let text = '';
    for (const record of records) {
      if (this.#left-- <= 0) break;
      text += this.#isArray ? this.#element(shardId, record) : this.#line(shardId, record);
      this.#written++;
      if (text.length < CHUNK_LENGTH) continue;
      await this.#terminal.write(Buffer.from(text, this.#encoding));
      text = '';
    }
    if (text !== '') await this.#terminal.write(Buffer.from(text, this.#encoding));
  }

  async end(): Promise<void> {
    if (this.#isArray) await this.#terminal.write(this.#written === 0 ? '[]\n' : '\n]\n');
  }

  #element(shardId: string, record: ReadRecord): string {
    return `${this.#written === 0 ? '[\n' : ',\n'}${this.#line(shardId, record).trimEnd()}`;
  }
}

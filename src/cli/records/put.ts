import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { explained } from '../explain.ts';
import { say, withJson, type OutputFlags } from '../output/output.ts';
import { Progress } from '../output/progress.ts';
import { bytesText, numberText, parseWhole } from '../output/units.ts';
import { InterruptedError, type Terminal, usageError } from '../terminal.ts';
import { linesOf } from './lines.ts';
import { entryOfLine } from './ndjson.ts';
import { entryOf, RecordWriter, type PutEntry, type Stored } from './put-batch.ts';
import { compileTemplate, TEMPLATE_HELP } from './template.ts';

type PutFlags = ServerFlags &
  OutputFlags & {
    readonly key?: string;
    readonly explicitHashKey?: string;
    readonly file?: string;
    readonly count?: number;
    readonly rate?: number;
    readonly template?: string;
  };

/** `nagare put`: records into a stream. */
export function putCommand(terminal: Terminal): Command {
  const command = new Command('put')
    .description('put records into a stream; each is on disk when the command says so')
    .argument('<stream>', 'stream name or ARN')
    .argument('[data...]', 'a record each; - or none: each line of standard input is a record')
    .option('--key <text>', 'partition key (default: another for each record)')
    .option('--explicit-hash-key <number>', 'hash key, in place of that of the partition key')
    .option('--file <path>', 'the whole file is one record')
    .option('--count <number>', 'put so many records of the data or the template', parseWhole(1))
    .option('--rate <number>', 'at most so many records per second', parseWhole(1))
    .addOption(new Option('--template <text>', TEMPLATE_HELP).conflicts('file'))
    .addOption(
      new Option(
        '--ndjson',
        'each line of standard input is a JSON object, as tail --ndjson prints it',
      ).conflicts(['template', 'file', 'count']),
    )
    .addHelpText(
      'after',
      `\nExamples:\n  nagare put orders '{"id":1}' --key 1\n  nagare put orders --count 1000 --rate 100 --template '{"n":{{n}},"id":"{{uuid}}"}'\n  nagare tail orders --from oldest --no-follow --ndjson | nagare put copy --ndjson`,
    );
  return withServer(withJson(command)).action(
    async (stream: string, data: readonly string[], flags: PutFlags) => {
      const entries = await entriesOf(data, flags, terminal);
      const server = await serverOf(flags, terminal);
      const signal = terminal.untilInterrupted();
      const total = flags.count ?? (flags.ndjson === true ? undefined : data.length || undefined);
      const progress = new Progress(terminal, 'records', { total, quiet: flags.quiet === true });
      let last: Stored | undefined;
      const writer = new RecordWriter(server, stream, {
        signal,
        onStored(stored) {
          last = stored.at(-1);
          progress.add(stored.length);
        },
      });
      const bytes = await copy(entries, writer, { rate: flags.rate, signal });
      progress.end();
      report(
        { last, bytes, records: progress.done, ms: progress.elapsedMs, retried: writer.retried },
        flags,
        terminal,
      );
      if (signal.aborted) throw new InterruptedError(signal);
    },
  );
}

interface Pace {
  readonly rate: number | undefined;
  readonly signal: AbortSignal;
}

/** Returns how many bytes were put. */
async function copy(
  entries: AsyncIterable<PutEntry> | Iterable<PutEntry>,
  writer: RecordWriter,
  { rate, signal }: Pace,
): Promise<number> {
  const beganMs = performance.now();
  let count = 0;
  let bytes = 0;
  for await (const entry of entries) {
    const dueMs = rate === undefined ? 0 : beganMs + (count / rate) * 1000;
    if (dueMs > performance.now()) {
      await writer.flush();
      const restMs = Math.max(0, dueMs - performance.now());
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) break;
    await writer.add(entry);
    count++;
    bytes += entry.bytes;
  }
  await writer.flush();
  return bytes;
}

async function entriesOf(
  data: readonly string[],
  flags: PutFlags,
  terminal: Terminal,
): Promise<AsyncIterable<PutEntry> | Iterable<PutEntry>> {
  const { key, explicitHashKey, file, count, template } = flags;
  const keyOf = () => key ?? randomUUID();
  const entry = (bytes: Buffer | string) =>
    entryOf(Buffer.from(bytes).toString('base64'), keyOf(), explicitHashKey);
  if (file !== undefined) {
    if (data.length > 0) throw usageError('a file and data cannot both be put');
    const path = resolve(terminal.workingFolder, file);
    const content = await readFile(path).catch((error: unknown) => {
      throw explained(error, `cannot read ${path}`);
    });
    return repeated(count ?? 1, () => entry(content));
  }
  if (template !== undefined) {
    if (data.length > 0) throw usageError('a template and data cannot both be put');
    const text = compileTemplate(template);
    return repeated(count ?? Infinity, (number) => entry(text(number)));
  }
  const isInput = data.length === 0 || (data.length === 1 && data[0] === '-');
  if (!isInput)
    return repeated(count ?? data.length, (number) => entry(data[(number - 1) % data.length] ?? ''));
  if (count !== undefined) throw usageError('--count needs data, a file or a template');
  const input = terminal.input();
  if (input === undefined) throw usageError('there is no data', `nagare put STREAM '{"message":"hello"}'`);
  return flags.ndjson === true ? fromNdjson(input, keyOf) : fromLines(input, entry);
}

function* repeated(count: number, make: (number: number) => PutEntry): Generator<PutEntry, void, undefined> {
  for (let number = 1; number <= count; number++) yield make(number);
}

/** Empty lines are no records. */
async function* fromLines(
  input: AsyncIterable<Uint8Array>,
  entry: (line: Buffer) => PutEntry,
): AsyncGenerator<PutEntry, void, undefined> {
  for await (const line of linesOf(input)) if (line.length > 0) yield entry(line);
}

async function* fromNdjson(
  input: AsyncIterable<Uint8Array>,
  newKey: () => string,
): AsyncGenerator<PutEntry, void, undefined> {
  let number = 0;
  for await (const line of linesOf(input)) {
    number++;
    if (line.length > 0) yield entryOfLine(line, number, newKey);
  }
}

interface Result {
  readonly last: Stored | undefined;
  readonly records: number;
  readonly bytes: number;
  readonly ms: number;
  readonly retried: number;
}

function report({ last, records, bytes, ms, retried }: Result, flags: PutFlags, terminal: Terminal): void {
  if (flags.json === true) {
    const ElapsedMilliseconds = Math.round(ms);
    const result = { Records: records, Bytes: bytes, ElapsedMilliseconds, Retried: retried, Last: last };
    return terminal.print(JSON.stringify(result, null, 2));
  }
  if (records === 1 && last !== undefined) return terminal.print(`${last.ShardId}\t${last.SequenceNumber}`);
  const again = retried === 0 ? '' : `, ${numberText(retried)} of them more than once`;
  const perSecond = numberText((records / ms) * 1000);
  say(terminal, flags, `${numberText(records)} records, ${bytesText(bytes)}, ${perSecond}/s${again}`);
}

import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { cliLimits } from '../limits.ts';
import { printResult, say, withJson, type OutputFlags } from '../output/output.ts';
import { plainText } from '../output/plain.ts';
import { Progress } from '../output/progress.ts';
import { saveResumable } from '../output/save-file.ts';
import { bytesText } from '../output/units.ts';
import { InterruptedError, type Terminal, usageError } from '../terminal.ts';
import { type Address, addressText, parseObject } from './address.ts';
import { checked, contentFrom, find, type Found, WrongContentError } from './download.ts';
import { type S3, withS3 } from './s3.ts';

type GetFlags = ServerFlags & OutputFlags & { readonly range?: string };

export function getCommand(terminal: Terminal): Command {
  const command = new Command('get')
    .description('print the content of an object, or write it to a file')
    .argument('<object>', 's3://bucket/key', parseObject)
    .argument('[file]', 'default: standard output; a terminal gets text without control characters')
    .option(
      '--range <bytes>',
      'only a part: bytes=0-99 for the first 100 bytes, bytes=-100 for the last',
      parseRange,
    )
    .addHelpText(
      'after',
      '\nThe beginning of a large object is kept when it is interrupted, and the same command goes on from there.' +
        '\n\nExample:\n  nagare object get s3://my-bucket/log.txt --range bytes=-1000',
    );
  return withServer(withJson(command)).action(
    async (address: Address, file: string | undefined, flags: GetFlags) => {
      if (flags.json === true && file === undefined) {
        throw usageError('--json says what was written to a file: name one');
      }
      const signal = terminal.untilInterrupted();
      const server = await serverOf(flags, terminal);
      await withS3(server, async (s3) => {
        const found = await find(s3, address, flags.range);
        const object = { s3, address, found, signal };
        if (file === undefined) return await print(contentOf(object), signal, terminal);
        const path = resolve(terminal.workingFolder, file);
        await save(object, path, flags, terminal);
        const text = `${addressText(address)} is in ${file} (${bytesText(found.bytes)})`;
        const { bucket, key } = address;
        printResult(terminal, flags, text, { Bucket: bucket, Key: key, File: path, Bytes: found.bytes });
      }).catch((error: unknown) => {
        throw signal.aborted ? new InterruptedError(signal) : error;
      });
    },
  );
}

/** For commander. S3 ignores what is no range. */
function parseRange(text: string): string {
  if (/^bytes=(?:\d+-\d*|-\d+)$/.test(text)) return text;
  throw new InvalidArgumentError('Specify a range such as bytes=0-99, bytes=100- or bytes=-100.');
}

interface ToRead {
  readonly s3: S3;
  readonly address: Address;
  readonly found: Found;
  readonly signal: AbortSignal;
}

/** What follows the bytes that are in a file. */
function contentOf(
  { s3, address, found, signal }: ToRead,
  kept: { readonly path: string; readonly bytes: number } = { path: '', bytes: 0 },
): AsyncIterable<Uint8Array> {
  const before = kept.bytes === 0 ? undefined : createReadStream(kept.path);
  return checked(address, found, before, contentFrom(s3, address, found, { from: kept.bytes, signal }));
}

async function save(object: ToRead, path: string, flags: GetFlags, terminal: Terminal): Promise<void> {
  const { found, signal } = object;
  const progress = new Progress(terminal, 'bytes', { total: found.bytes, quiet: flags.quiet === true });
  await saveResumable(path, {
    version: found.etag.replaceAll(/[^\w-]/g, ''),
    async write(output, kept) {
      if (kept.bytes > 0) say(terminal, flags, `goes on after the ${bytesText(kept.bytes)} in ${kept.path}`);
      progress.begin(kept.bytes);
      await pipeline(counted(contentOf(object, kept), progress), output, { signal });
    },
    isKept(error, kept) {
      const isLarge = flags.range === undefined && found.bytes > cliLimits.objectPartBytes;
      if (!isLarge || error instanceof WrongContentError) return false;
      say(
        terminal,
        flags,
        `${bytesText(kept.bytes)} are in ${kept.path}; the same command goes on from there`,
      );
      return true;
    },
  }).finally(() => progress.end());
}

/** A program gets the bytes, a person text that no terminal obeys. */
async function print(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    await terminal.write(
      terminal.columns === undefined ? chunk : plainText(decoder.decode(chunk, { stream: true })),
    );
    if (signal.aborted) return;
  }
}

async function* counted(body: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    progress.add(chunk.length);
    yield chunk;
  }
}

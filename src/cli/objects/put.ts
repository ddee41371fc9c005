import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { explained } from '../explain.ts';
import { cliLimits } from '../limits.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { Progress } from '../output/progress.ts';
import { bytesText } from '../output/units.ts';
import { type Terminal, usageError } from '../terminal.ts';
import { type Address, addressText, parseObject } from './address.ts';
import { withS3 } from './s3.ts';
import { upload } from './upload.ts';

const MIB = 1024 ** 2;

type PutFlags = ServerFlags & OutputFlags & { readonly contentType?: string; readonly partSize?: number };

export function putCommand(terminal: Terminal): Command {
  const command = new Command('put')
    .description('write an object, from a file or standard input; a large one is sent in parts')
    .argument('<object>', 's3://bucket/key', parseObject)
    .argument('[file]', 'default: standard input')
    .option('--content-type <type>', 'default: application/octet-stream')
    .option(
      '--part-size <mib>',
      'MiB of a part, 5 to 5120; up to that is one request (default: 16, more for a file of over 156 GiB)',
      parsePartSize,
    )
    .addHelpText('after', '\nExample:\n  nagare object put s3://my-bucket/hello.txt hello.txt');
  return withServer(withJson(command)).action(
    async (address: Address, file: string | undefined, flags: PutFlags) => {
      const signal = terminal.untilInterrupted();
      const { source, bytes: total } = await contentOf(file, terminal);
      const server = await serverOf(flags, terminal);
      const progress = new Progress(terminal, 'bytes', { total, quiet: flags.quiet === true });
      const partBytes = flags.partSize ?? partBytesFor(total);
      const contentType = flags.contentType;
      const { bytes, etag, checksum } = await withS3(server, (s3) =>
        upload(s3, address, source, { contentType, partBytes, signal, progress }),
      ).finally(() => progress.end());
      const text = `${addressText(address)} has ${bytesText(bytes)}`;
      const { bucket, key } = address;
      const result = { Bucket: bucket, Key: key, Bytes: bytes, ETag: etag, ChecksumCRC32: checksum };
      printResult(terminal, flags, text, result);
    },
  );
}

/** For commander. */
function parsePartSize(text: string): number {
  const mib = Number(text);
  if (/^\d{1,4}$/.test(text) && mib >= 5 && mib <= 5120) return mib * MIB;
  throw new InvalidArgumentError('Specify a whole number of MiB from 5 to 5120.');
}

/** Of what is so large that it would have too many parts, parts are larger. */
function partBytesFor(total = 0): number {
  return Math.max(cliLimits.objectPartBytes, Math.ceil(total / cliLimits.objectPartsMax / MIB) * MIB);
}

async function contentOf(file: string | undefined, terminal: Terminal) {
  if (file === undefined) {
    const source = terminal.input();
    if (source !== undefined) return { source, bytes: undefined };
    throw usageError('the content is missing: name a file', 'nagare help object put');
  }
  const path = resolve(terminal.workingFolder, file);
  const facts = await stat(path).catch((error: unknown) => {
    throw explained(error, `cannot read ${path}`);
  });
  if (!facts.isFile()) throw usageError(`${path} is not a file`);
  const source = createReadStream(path, { highWaterMark: cliLimits.objectReadBytes });
  return { source, bytes: facts.size };
}

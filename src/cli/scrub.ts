import { Command, InvalidArgumentError } from 'commander';
import { SCRUB_PATH, type ScrubAnswer, type ScrubRequest } from '../server/scrub.ts';
import type { VerifyReport } from '../support/findings.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { askHolder } from './ask-holder.ts';
import { unusableFolder } from './explain.ts';
import { configOf } from './options.ts';
import { withJson, type OutputFlags } from './output/output.ts';
import { readingBytes } from './output/bytes-progress.ts';
import { CommandError, type Terminal } from './terminal.ts';
import { printReport } from './verify.ts';

const RATE_MIB = 64;

/** `nagare scrub`: like `nagare verify`, but on a running server, at a limited rate. */
export function scrubCommand(terminal: Terminal): Command {
  return withServer(withJson(new Command('scrub')), ['host', 'port', 'dataDir'])
    .description('check stored data at a limited rate; works whether or not the server is running')
    .option('--rate <MiB>', 'MiB to read per second', readRate, RATE_MIB)
    .action(async (flags: ServerFlags & OutputFlags & { readonly rate: number }) => {
      const { scrubData } = await import('../server/verify.ts');
      const { dataDir } = await configOf(flags, terminal);
      const bytesPerSecond = flags.rate * 1024 * 1024;
      const askServer = async () =>
        await scrubbed(await serverOf(flags, terminal), { dataDir, bytesPerSecond });
      const shown = { what: `reading ${dataDir}`, folder: dataDir };
      const scrub = readingBytes(terminal, flags, shown, (onRead) =>
        scrubData(dataDir, { bytesPerSecond, askServer, onRead }),
      );
      const report = await scrub.catch((error: unknown) => {
        throw unusableFolder(error, dataDir);
      });
      printReport(report, flags, terminal);
    });
}

/** Asks the server that holds the folder to check the files whose metadata only it can read. */
async function scrubbed(server: RunningServer, content: ScrubRequest): Promise<VerifyReport> {
  // The server has the same version.
  const answer = (await askHolder(server, { path: SCRUB_PATH, command: 'scrub', content })) as ScrubAnswer;
  if ('report' in answer) return answer.report;
  throw new CommandError(answer.message);
}

function readRate(text: string): number {
  const rate = Number(text);
  if (Number.isFinite(rate) && rate > 0) return rate;
  throw new InvalidArgumentError('Specify a number of MiB greater than 0.');
}

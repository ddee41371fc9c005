import { Command, InvalidArgumentError } from 'commander';
import { scrubData } from '../server/verify.ts';
import { unusableFolder } from './explain.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import type { Terminal } from './terminal.ts';
import { printReport } from './verify.ts';

const RATE_MIB = 64;

/** `nagare scrub`: as `nagare verify`, on a running server, at a limited rate. */
export function scrubCommand(terminal: Terminal): Command {
  return withSettings(new Command('scrub'), ['dataDir'])
    .description('check stored data slowly, while the server runs or not')
    .option('--rate <MiB>', `MiB to read per second (default: ${RATE_MIB})`, readRate, RATE_MIB)
    .action(async (flags: SettingFlags & { readonly rate: number }) => {
      const { dataDir } = await configOf(flags, terminal);
      const report = await scrubData(dataDir, { bytesPerSecond: flags.rate * 1024 * 1024 }).catch(
        (error: unknown) => {
          throw unusableFolder(error, dataDir);
        },
      );
      printReport(report, terminal);
    });
}

function readRate(text: string): number {
  const rate = Number(text);
  if (Number.isFinite(rate) && rate > 0) return rate;
  throw new InvalidArgumentError('Give a number of MiB above 0.');
}

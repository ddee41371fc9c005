import { Command } from 'commander';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { verifyData } from '../server/verify.ts';
import { formatFinding, formatVerifySummary, type VerifyReport } from '../support/findings.ts';
import { unusableFolder } from './explain.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare verify`: reads all stored data and lists what is damaged. */
export function verifyCommand(terminal: Terminal): Command {
  return withSettings(new Command('verify'), ['dataDir'])
    .description('check all stored data; the server must be stopped')
    .action(async (flags: SettingFlags) => {
      printReport(await onDataFolder(flags, terminal, verifyData), terminal);
    });
}

/** Prints the findings; throws when there is damage. */
export function printReport(report: VerifyReport, terminal: Terminal): void {
  for (const finding of report.findings) terminal.print(formatFinding(finding));
  terminal.print(formatVerifySummary(report));
  if (report.findings.length > 0) {
    throw new CommandError(
      'stored data is damaged; run `nagare repair --dry-run` to see what can be recovered',
    );
  }
}

/** Calls `work` with the data folder while this process holds it exclusively. */
export async function onDataFolder<Report>(
  flags: SettingFlags,
  terminal: Terminal,
  work: (dataDir: string) => Promise<Report>,
): Promise<Report> {
  const { dataDir } = await configOf(flags, terminal);
  try {
    const data = await openExistingDataFolder(dataDir);
    try {
      return await work(data.path);
    } finally {
      await data.close();
    }
  } catch (error) {
    throw unusableFolder(error, dataDir);
  }
}

import { Command } from 'commander';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { formatFinding, formatVerifySummary, type VerifyReport } from '../support/findings.ts';
import type { OnRead } from '../support/pace.ts';
import { unusableFolder } from './explain.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import { readingBytes } from './output/bytes-progress.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare verify`: reads all stored data and lists what is damaged. */
export function verifyCommand(terminal: Terminal): Command {
  return withSettings(withJson(new Command('verify')), ['dataDir'])
    .description('check all stored data; the server must be stopped')
    .action(async (flags: SettingFlags & OutputFlags) => {
      const { verifyData } = await import('../server/verify.ts');
      printReport(await onDataFolder(flags, terminal, verifyData), flags, terminal);
    });
}

/** Prints the findings; throws when there is damage. */
export function printReport(report: VerifyReport, flags: OutputFlags, terminal: Terminal): void {
  const { checked, findings } = report;
  const lines = [...findings.map(formatFinding), formatVerifySummary(report)];
  printResult(terminal, flags, lines.join('\n'), { checked: Object.fromEntries(checked), findings });
  if (findings.length > 0) {
    throw new CommandError(
      'stored data is damaged; run `nagare repair --dry-run` to see what can be recovered',
    );
  }
}

/** Calls `work` with the data folder while this process holds it exclusively. */
export async function onDataFolder<Report>(
  flags: SettingFlags & OutputFlags,
  terminal: Terminal,
  work: (dataDir: string, onRead: OnRead) => Promise<Report>,
): Promise<Report> {
  const { dataDir } = await configOf(flags, terminal);
  try {
    const data = await openExistingDataFolder(dataDir);
    try {
      const shown = { what: `reading ${data.path}`, folder: data.path };
      return await readingBytes(terminal, flags, shown, (onRead) => work(data.path, onRead));
    } finally {
      await data.close();
    }
  } catch (error) {
    throw unusableFolder(error, dataDir);
  }
}

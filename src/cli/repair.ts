import { Command } from 'commander';
import { repairData } from '../server/verify.ts';
import { formatCount, formatCounts, formatFinding, type RepairReport } from '../support/findings.ts';
import { withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';
import { onDataFolder } from './verify.ts';

/** `nagare repair`: makes a damaged store startable again and reports what was lost. */
export function repairCommand(terminal: Terminal): Command {
  return withSettings(new Command('repair'), ['dataDir'])
    .description('recover intact data from a damaged store; the server must be stopped')
    .option('--dry-run', 'only report what would be recovered and what is lost')
    .action(async (flags: SettingFlags & { readonly dryRun?: boolean }) => {
      const dryRun = flags.dryRun === true;
      const report = await onDataFolder(flags, terminal, (dataDir) => repairData(dataDir, { dryRun }));
      print(report, dryRun, terminal);
    });
}

function print(report: RepairReport, dryRun: boolean, terminal: Terminal): void {
  const { findings, lost, lostCounts, kept, unrepaired } = report;
  for (const finding of findings) terminal.print(formatFinding(finding));
  for (const subject of lost) terminal.print(`lost: ${subject}`);
  for (const file of kept) terminal.print(`damaged file kept: ${file}`);
  const repaired = formatCount(Math.max(0, findings.length - unrepaired.length), 'problem');
  const missing = lostCounts.filter(([, count]) => count > 0);
  const counted = missing.length === 0 ? 'what is listed' : formatCounts(missing);
  const loss = lost.length === 0 ? 'nothing lost' : `${counted} lost`;
  if (findings.length === 0) terminal.print('no damage found, nothing changed');
  else if (dryRun) terminal.print(`${repaired} can be repaired, ${loss}; nothing changed (dry run)`);
  else terminal.print(`${repaired} repaired, ${loss}`);
  if (unrepaired.length > 0) throw new CommandError(unrepaired.join('\n'));
}

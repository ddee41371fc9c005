import { Command } from 'commander';
import { formatCount, formatCounts, formatFinding, type RepairReport } from '../support/findings.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import { withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';
import { onDataFolder } from './verify.ts';

/** `nagare repair`: makes a damaged store startable again and reports what was lost. */
export function repairCommand(terminal: Terminal): Command {
  return withSettings(withJson(new Command('repair')), ['dataDir'])
    .description('recover intact data from a damaged store; the server must be stopped')
    .option('--dry-run', 'only report what would be recovered and what is lost')
    .action(async (flags: SettingFlags & OutputFlags & { readonly dryRun?: boolean }) => {
      const { repairData } = await import('../server/verify.ts');
      const dryRun = flags.dryRun === true;
      const report = await onDataFolder(flags, terminal, (dataDir, onRead) =>
        repairData(dataDir, { dryRun, onRead }),
      );
      const { lostCounts, unrepaired } = report;
      const result = { ...report, lostCounts: Object.fromEntries(lostCounts), dryRun };
      printResult(terminal, flags, textOf(report, dryRun), result);
      if (unrepaired.length > 0) throw new CommandError(unrepaired.join('\n'));
    });
}

function textOf({ findings, lost, lostCounts, kept, unrepaired }: RepairReport, dryRun: boolean): string {
  const repaired = formatCount(Math.max(0, findings.length - unrepaired.length), 'problem');
  const missing = lostCounts.filter(([, count]) => count > 0);
  const counted = missing.length === 0 ? 'what is listed' : formatCounts(missing);
  const loss = lost.length === 0 ? 'nothing lost' : `${counted} lost`;
  const changed = dryRun
    ? `${repaired} can be repaired, ${loss}; nothing changed (dry run)`
    : `${repaired} repaired, ${loss}`;
  return [
    ...findings.map(formatFinding),
    ...lost.map((subject) => `lost: ${subject}`),
    ...kept.map((file) => `damaged file kept: ${file}`),
    findings.length === 0 ? 'no damage found, nothing changed' : changed,
  ].join('\n');
}

import { Command } from 'commander';
import { repairEngine } from '../engine/embedded/recover/repair.ts';
import { withSettings, type SettingFlags } from './options.ts';
import type { Terminal } from './terminal.ts';
import { onEngineFolder } from './verify.ts';

/** `nagare repair`: makes a damaged store startable again, from what is whole in it. */
export function repairCommand(terminal: Terminal): Command {
  return withSettings(new Command('repair'), ['dataDir'])
    .description('salvage what is whole of a damaged store; the server must not run')
    .action(async (flags: SettingFlags) => {
      const { findings, lost, kept } = await onEngineFolder(flags, terminal, repairEngine);
      for (const { file, offset, what } of findings) terminal.print(`${file}, byte ${offset}: ${what}`);
      const records = lost.reduce((sum, { count }) => sum + count, 0);
      terminal.print(`${findings.length} problems mended, ${records} records lost`);
      for (const file of kept) terminal.print(`kept as it was: ${file}`);
    });
}

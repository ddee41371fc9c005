import { join } from 'node:path';
import { Command } from 'commander';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { verifyEngine } from '../engine/embedded/recover/verify.ts';
import { unusableFolder } from './explain.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare verify`: reads all that is stored and tells what is not as it was written. */
export function verifyCommand(terminal: Terminal): Command {
  return withSettings(new Command('verify'), ['dataDir'])
    .description('check everything that is stored; the server must not run')
    .action(async (flags: SettingFlags) => {
      const { segments, frames, records, findings } = await onEngineFolder(flags, terminal, verifyEngine);
      for (const { file, offset, what } of findings) terminal.print(`${file}, byte ${offset}: ${what}`);
      terminal.print(`${segments} files, ${frames} writes, ${records} records: ${problems(findings.length)}`);
      if (findings.length > 0) {
        throw new CommandError('the store is damaged; `nagare repair` salvages what is whole');
      }
    });
}

function problems(count: number): string {
  if (count === 0) return 'all whole';
  return count === 1 ? '1 problem' : `${count} problems`;
}

/** Calls `work` with the engine's folder, while no other process can use the data folder. */
export async function onEngineFolder<Report>(
  flags: SettingFlags,
  terminal: Terminal,
  work: (options: { readonly folder: string }) => Promise<Report>,
): Promise<Report> {
  const { dataDir } = await configOf(flags, terminal);
  try {
    const data = await openExistingDataFolder(dataDir);
    try {
      return await work({ folder: join(data.path, 'engine') });
    } finally {
      await data.close();
    }
  } catch (error) {
    throw unusableFolder(error, dataDir);
  }
}

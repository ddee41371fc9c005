import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { verifyEngine } from '../engine/embedded/recover/verify.ts';
import { unusableFolder } from './explain.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare verify`: reads all that is stored and tells what is not as it was written. */
export function verifyCommand(terminal: Terminal): Command {
  return withSettings(new Command('verify'), ['dataDir'])
    .description('check everything that is stored; the server must not run')
    .action(async (flags: SettingFlags) => {
      const folder = await engineFolder(flags, terminal);
      const { segments, frames, records, findings } = await onEngineFolder(folder, verifyEngine);
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

/** Calls `work` with the engine's folder; what the system refuses there is told of the data folder. */
export async function onEngineFolder<Report>(
  folder: string,
  work: (options: { readonly folder: string }) => Promise<Report>,
): Promise<Report> {
  try {
    return await work({ folder });
  } catch (error) {
    throw unusableFolder(error, dirname(folder));
  }
}

/** Where the engine keeps its files; a folder that is none is told, not made. */
export async function engineFolder(flags: SettingFlags, terminal: Terminal): Promise<string> {
  const { dataDir } = await configOf(flags, terminal);
  const folder = join(dataDir, 'engine');
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return folder;
  throw new CommandError(`${dataDir} is no data folder of nagare; give another with --data-dir`);
}

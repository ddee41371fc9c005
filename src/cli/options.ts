import { Option, type Command } from 'commander';
import type { Setting } from '../config/setting.ts';
import { configFile, settingNames, settings, type SettingName } from '../config/settings.ts';
import { readConfig, type Config, type ConfigSources } from '../config.ts';
import type { Terminal } from './terminal.ts';

export type SettingFlags = Partial<Record<SettingName | 'config', string>>;

/** Adds a flag for each named setting (default: all), and `--config`. */
export function withSettings(command: Command, names: readonly SettingName[] = settingNames): Command {
  for (const name of names) {
    const { flag, environment, meaning, fallback, alone, isList }: Setting<unknown> = settings[name];
    const otherwise = fallback === '' ? '' : ` (default: ${fallback})`;
    const value = alone === undefined ? '<value>' : '[value]';
    const option = new Option(`${flag} ${value}`, `${meaning} (${environment}${otherwise})`);
    if (isList === true) option.argParser(joined);
    command.addOption(alone === undefined ? option : option.preset(alone));
  }
  const file = new Option(
    `${configFile.flag} <file>`,
    `file with settings and declarations (${configFile.environment}; ${configFile.fallback} if there is one)`,
  );
  return command.addOption(file);
}

function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`;
}

/** Throws ConfigError. `sections` are the sections of `nagare.yaml` to check, for commands that read declarations. */
export async function configOf(
  flags: SettingFlags,
  terminal: Terminal,
  sections?: ConfigSources['sections'],
): Promise<Config> {
  const config = await readConfig({
    flags,
    environment: terminal.environment,
    workingFolder: terminal.workingFolder,
    ...(sections !== undefined && { sections }),
  });
  for (const warning of config.warnings ?? []) terminal.complain(`nagare: ${warning}`);
  return config;
}

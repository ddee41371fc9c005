import type { SettingName, ValueOfSetting } from './settings.ts';

/** A setting in force. */
export interface WrittenSetting {
  readonly name: SettingName;
  readonly text: string;
  /** A flag, a variable, a line of `nagare.yaml`, or the default. */
  readonly origin: string;
}

/** The settings as they were given, by flags, the environment or a file. */
export interface SettingSource {
  readonly value: <Name extends SettingName>(name: Name) => ValueOfSetting<Name>;
  /** Where it was set, as messages call it; undefined for a default. */
  readonly origin: (name: SettingName) => string | undefined;
  /** The absolute path that it names; undefined when it is not set. */
  readonly path: (name: SettingName) => string | undefined;
  /** To which paths in it are relative. */
  readonly folder: (name: SettingName) => string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

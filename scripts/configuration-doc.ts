import { readFileSync, writeFileSync } from 'node:fs';
import { configFile, masterKeySetting, settingNames, settings } from '../src/config/settings.ts';

export const file = new URL('../docs/configuration.md', import.meta.url);

const HEAD = '| flag | environment | in `nagare.yaml` | default | what |\n|---|---|---|---|---|\n';

/** docs/configuration.md with its table of settings as src/config/settings.ts has them; the rest is written by hand. */
export function configurationDoc(): string {
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(HEAD);
  if (begin === -1) throw new Error('docs/configuration.md has lost its table of settings');
  return text.slice(0, begin) + HEAD + rows() + text.slice(text.indexOf('\n\n', begin) + 1);
}

function rows(): string {
  const own = settingNames.map((name) => {
    const { flag, environment, fallback, meaning } = settings[name];
    const shown = fallback === '' ? '' : `\`${fallback}\``;
    return `| \`${flag}\` | \`${environment}\` | \`${name}\` | ${shown} | ${meaning} |\n`;
  });
  const others = [
    `| \`${configFile.flag}\` | \`${configFile.environment}\` | | \`${configFile.fallback}\`, if there is one | the file with settings and declarations |\n`,
    `| | \`${masterKeySetting.environment}\` | | | deprecated, accepted in this version with a warning: the key itself. Use \`NAGARE_MASTER_KEY_FILE\`, because other processes can read the environment |\n`,
  ];
  return [...own, ...others].join('');
}

if (import.meta.main) writeFileSync(file, configurationDoc());

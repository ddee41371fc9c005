import { Command } from 'commander';
import { createRootKey } from '../server/root-key.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `nagare key`: the keys that clients sign with. */
export function keyCommand(terminal: Terminal): Command {
  return new Command('key').description('the keys that clients sign with').addCommand(initCommand(terminal));
}

function initCommand(terminal: Terminal): Command {
  return withSettings(new Command('init'), ['dataDir', 'masterKeyFile'])
    .description('make a root key and print it once; from the next start on, requests must be signed')
    .action(async (flags: SettingFlags) => {
      const config = await configOf(flags, terminal);
      const { accessKeyId, secretAccessKey } = await createRootKey(config);
      terminal.print(`root key made in ${config.dataDir}; its secret is not shown again:

  export AWS_ACCESS_KEY_ID=${accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}

From the next start on, the server accepts only requests that are signed with it (--auth required).`);
    });
}

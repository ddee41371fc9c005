import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { createRootKey, replaceRootKey } from '../server/root-key.ts';
import type { MasterKeyRotation } from '../server/rotate-master.ts';
import { accessKeyCommands, printNewKey, rotateKey } from './access-keys.ts';
import { serverOf, withServer, type ServerFlags } from './api.ts';
import { following, movingOf, OWNER_SETTINGS, withProgress } from './cluster-move.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import { CommandError, type Terminal } from './terminal.ts';
import { unusableFolder } from './explain.ts';

/** `nagare key`: the keys that clients sign with. */
export function keyCommand(terminal: Terminal): Command {
  const command = new Command('key').description('the keys that clients sign with');
  command.addCommand(initCommand(terminal));
  for (const one of accessKeyCommands(terminal)) command.addCommand(one);
  return command.addCommand(rotateCommand(terminal)).addCommand(rotateMasterCommand(terminal));
}

function initCommand(terminal: Terminal): Command {
  return withSettings(withJson(new Command('init')), ['dataDir', 'masterKeyFile'])
    .description('make a root key and print it once; from the next start on, requests must be signed')
    .action(async (flags: SettingFlags & OutputFlags) => {
      const config = await configOf(flags, terminal);
      const { accessKeyId, secretAccessKey } = await createRootKey(config);
      const text = `root key made in ${config.dataDir}; its secret is not shown again:

  export AWS_ACCESS_KEY_ID=${accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}

From the next start on, the server accepts only requests that are signed with it (--auth required).`;
      printResult(terminal, flags, text, { accessKeyId, secretAccessKey });
    });
}

type RotateFlags = ServerFlags & { readonly root?: true; readonly json?: true };

function rotateCommand(terminal: Terminal): Command {
  const command = new Command('rotate')
    .description("make a new key for an access key's user, which keeps the old one; or replace the root key")
    .argument('[access-key-id]', 'the key')
    .option('--root', 'replace the root key in the data folder; the server must be stopped')
    .option('--json', 'print JSON');
  return withServer(command, ['host', 'port', 'dataDir', 'masterKeyFile']).action(
    async (accessKeyId: string | undefined, flags: RotateFlags) => {
      if ((accessKeyId === undefined) === (flags.root !== true)) {
        throw new CommandError('name an access key, or give --root for the root key');
      }
      if (accessKeyId === undefined) return await rotateRoot(flags, terminal);
      printNewKey(await rotateKey(await serverOf(flags, terminal), accessKeyId), flags, terminal);
      if (flags.json === true) return;
      terminal.print(`
${accessKeyId} works as before. When no client uses it any more:

  nagare key disable ${accessKeyId}
  nagare key delete ${accessKeyId}`);
    },
  );
}

async function rotateRoot(flags: RotateFlags, terminal: Terminal): Promise<void> {
  const config = await configOf(flags, terminal);
  const { accessKeyId, secretAccessKey } = await replaceRootKey(config).catch((error: unknown) => {
    throw unusableFolder(error, config.dataDir);
  });
  if (flags.json === true) return terminal.print(JSON.stringify({ accessKeyId, secretAccessKey }));
  terminal.print(`root key of ${config.dataDir} replaced; its secret is not shown again:

  export AWS_ACCESS_KEY_ID=${accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}

From the next start on, the server refuses the earlier root key.`);
}

type RotateMasterFlags = SettingFlags & OutputFlags & { readonly newMasterKeyFile?: string };

function rotateMasterCommand(terminal: Terminal): Command {
  const command = new Command('rotate-master')
    .description(
      'encrypt all secrets under a new master key; the server must be stopped, and with --shared-log all servers that share it',
    )
    .option(
      '--new-master-key-file <file>',
      'file with the new key (openssl rand -base64 32); default: a new key in the data folder',
    )
    .option('--json', 'print JSON');
  const settings = ['dataDir', ...OWNER_SETTINGS] as const;
  return withSettings(command, settings).action(async (flags: RotateMasterFlags) => {
    const config = await configOf(flags, terminal);
    const { newMasterKeyFile } = flags;
    const newFile = newMasterKeyFile && resolve(terminal.workingFolder, newMasterKeyFile);
    const rotating = rotateMaster(config, newFile, terminal, flags);
    const { resumed, secrets } = await rotating.catch((error: unknown) => {
      throw unusableFolder(error, config.dataDir);
    });
    if (flags.json === true) {
      return terminal.print(JSON.stringify({ resumed, secrets: Object.fromEntries(secrets) }));
    }
    for (const [service, count] of secrets)
      terminal.print(`${service}: ${count} encrypted under the new key`);
    terminal.print(
      resumed
        ? 'the rotation that was interrupted is complete'
        : `the master key of ${config.cluster === undefined ? config.dataDir : 'the shared log'} is replaced`,
    );
    if (newFile === undefined) return;
    terminal.print(
      config.cluster === undefined
        ? `from now on the server needs the new key: --master-key-file ${newFile}`
        : `from now on all machines need the new key: copy ${newFile} to each as its --master-key-file, and start them`,
    );
  });
}

async function rotateMaster(
  config: Config,
  newFile: string | undefined,
  terminal: Terminal,
  flags: RotateMasterFlags,
): Promise<MasterKeyRotation> {
  const { rotateMasterKey } = await import('../server/rotate-master.ts');
  if (config.cluster === undefined) return await rotateMasterKey(config, newFile);
  const { cluster, log } = await movingOf(config, config.dataDir);
  return await withProgress(terminal, flags, (progress) =>
    rotateMasterKey(config, newFile, {
      cluster,
      log,
      onFollowed: (bytes, frames) => progress.add(bytes, following(frames)),
    }),
  );
}

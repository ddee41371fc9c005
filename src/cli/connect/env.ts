import { Command, Option } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { nameOf } from './send.ts';
import { type OutputFlags, say } from '../output/output.ts';
import type { Terminal } from '../terminal.ts';

type EnvFlags = ServerFlags & OutputFlags & { readonly shell: Shell };
type Shell = 'sh' | 'fish' | 'powershell';

/** How a shell sets a variable. */
const SETTERS: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`,
  powershell: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
};

/** `nagare env`: what AWS's tools need to be told to call the same server. */
export function envCommand(terminal: Terminal): Command {
  const command = new Command('env')
    .description('print the variables that let the AWS CLI and SDKs call the same server; without secrets')
    .addOption(new Option('--shell <name>', 'how they are set').choices(Object.keys(SETTERS)).default('sh'))
    .option('--json', 'print the variables as JSON')
    .addHelpText('after', '\nExample:\n  eval "$(nagare env)"');
  return withServer(command).action(async (flags: EnvFlags) => {
    const server = await serverOf(flags, terminal);
    const variables: Record<string, string> = {
      ...(server.endpoint !== undefined && { AWS_ENDPOINT_URL: server.endpoint }),
      AWS_REGION: server.region,
      AWS_DEFAULT_REGION: server.region,
      ...keysOf(flags, terminal, server.credentials),
    };
    if (flags.json === true) return terminal.print(JSON.stringify(variables, null, 2));
    const set = SETTERS[flags.shell];
    for (const [name, value] of Object.entries(variables)) terminal.print(set(name, value));
    if (terminal.columns !== undefined) {
      say(terminal, flags, `# for ${nameOf(server)}; run: eval "$(nagare env)"`);
    }
  });
}

/** Where the keys are, or any keys for a server that needs none: never those of the user. */
function keysOf(
  flags: EnvFlags,
  { environment }: Terminal,
  { accessKeyId, secretAccessKey }: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Record<string, string> {
  if (flags.profile !== undefined) return { AWS_PROFILE: flags.profile };
  const isInvented = accessKeyId === 'nagare' && secretAccessKey === 'nagare';
  if (!isInvented || environment['AWS_ACCESS_KEY_ID'] !== undefined) return {};
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

import { writeFileSync } from 'node:fs';
import { run } from '../src/cli/program.ts';
import { silentTerminal } from '../src/cli/terminal.ts';

export const file = new URL('../docs/commands.md', import.meta.url);

const HEAD = `# Commands

Every command with its options, as \`--help\` shows them (\`npm run docs\` writes this page). In a checkout \`nagare\` is \`npx node src/main.ts\`. Settings, which are flags as well, are explained in [configuration.md](configuration.md#settings).

Commands that call a server find it as the AWS CLI finds its endpoint, its region and its keys: \`--endpoint-url\` (or \`--host\` and \`--port\`), \`--context\`, \`AWS_ENDPOINT_URL\`, the current context (\`nagare context\`), the profile of the AWS CLI (\`--profile\`, \`AWS_PROFILE\`), and else where the settings say that the server is. A profile that you name and that has no \`endpoint_url\` means AWS, and so does \`--endpoint-url aws\`: all commands for what AWS has work there too. Keys are those of the environment, else of the profile; a server without access keys accepts any.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed, or found damage |
| 2 | the command line is wrong |
| 3 | a check is not met, or what was compared differs |
| 4 | not found |
| 5 | throttled |
| 6 | the keys are wrong or missing, or a policy does not allow it |
| 130 | interrupted |

An error is up to three lines on standard error: what failed, why, and a command that helps.
`;

/** docs/commands.md as the commands describe themselves. */
export async function commandsDoc(): Promise<string> {
  return HEAD + (await sectionsOf([]));
}

async function sectionsOf(path: readonly string[]): Promise<string> {
  const help = await helpOf(path);
  const own = `\n## nagare${path.map((word) => ` ${word}`).join('')}\n\n\`\`\`\n${help}\n\`\`\`\n`;
  const sections = [own];
  // One after the other, in the order in which the help lists them.
  for (const name of commandsIn(help)) sections.push(await sectionsOf([...path, name]));
  return sections.join('');
}

async function helpOf(path: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const take = (text: string): void => void lines.push(text);
  const terminal = { ...silentTerminal, print: take, complain: take };
  await run([...path, '--help'], terminal);
  return lines.join('\n').trimEnd();
}

/** Names of the subcommands that a help text lists. */
function commandsIn(help: string): string[] {
  const [, list = ''] = /^Commands:\n([^]*)$/m.exec(help) ?? [];
  const names = [...list.matchAll(/^ {2}([^\s|]+)/gm)].map(([, name = '']) => name);
  return names.filter((name) => name !== 'help');
}

if (import.meta.main) {
  // In a terminal the lines would be as long as the terminal is wide.
  process.stdout.isTTY = false;
  writeFileSync(file, await commandsDoc());
}

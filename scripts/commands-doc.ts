import { writeFileSync } from 'node:fs';
import { run } from '../src/cli/program.ts';

export const file = new URL('../docs/commands.md', import.meta.url);

const HEAD = `# Commands

Every command with its options, as \`--help\` shows them (\`npm run docs\` writes this page). In a checkout \`nagare\` is \`npx node src/main.ts\`. Settings, which are flags as well, are explained in [configuration.md](configuration.md#settings).

Commands that call a server find it at \`--endpoint\`, else \`--port\`, else \`AWS_ENDPOINT_URL\`, else where the settings say. They sign with \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\`, any while access keys are not required.

Exit codes: 0 when all is well; 1 when the command failed, or found damage.
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
  await run([...path, '--help'], { environment: {}, workingFolder: '.', print: take, complain: take });
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

/** Writes the man page of all commands: `node scripts/man-page.ts <file>`. scripts/prepack.mjs puts it into the package. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { topics } from '../src/cli/help/topics.ts';
import { programOf } from '../src/cli/program.ts';
import { silentTerminal } from '../src/cli/terminal.ts';
import { version } from '../src/support/version.ts';

/** In man(7), which every man knows. */
export function manPage(): string {
  const program = programOf(silentTerminal);
  return [
    `.TH NAGARE 1 "" "nagare ${roff(version())}" "User Commands"`,
    '.SH NAME',
    `nagare \\- ${roff(program.description())}`,
    '.SH SYNOPSIS',
    '.B nagare',
    '.I command',
    '[\\fIarguments\\fR] [\\fIoptions\\fR]',
    '.SH COMMANDS',
    ...leaves(program).flatMap(({ path, command }) => commandText(path, command)),
    ...Object.entries(topics).flatMap(([name, { about, text }]) => [
      `.SH ${roff(name.toUpperCase())}`,
      `${roff(about[0]?.toUpperCase() ?? '')}${roff(about.slice(1))}.`,
      '.PP',
      '.nf',
      ...text.split('\n').map(roff),
      '.fi',
    ]),
    '.SH FILES',
    '.TP',
    roff('./nagare.yaml'),
    'settings and declarations of a server',
    '.TP',
    roff('./nagare-data'),
    'all data of a server, unless set otherwise',
    '.TP',
    '~/.config/nagare/contexts.json',
    'contexts; it has no secrets',
    '',
  ].join('\n');
}

function leaves(command: Command, path = 'nagare'): { readonly path: string; readonly command: Command }[] {
  const children = command.createHelp().visibleCommands(command);
  if (children.length === 0) return [{ path, command }];
  return children.flatMap((child) => leaves(child, `${path} ${child.name()}`));
}

function commandText(path: string, command: Command): string[] {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help');
  return [
    `.SS ${roff(`${path} ${command.usage().replace(/^\[options\] ?/, '')}`.trimEnd())}`,
    `${roff(command.description())}.`,
    ...options.flatMap(({ flags, description }) => ['.TP', `\\fB${roff(flags)}\\fR`, roff(description)]),
  ];
}

/** A line that begins with a dot or a quote would be a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

if (import.meta.main) writeFileSync(process.argv[2] ?? 'nagare.1', manPage());

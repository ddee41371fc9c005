import { Command } from 'commander';
import { printResult, type OutputFlags } from '../output/output.ts';
import { type Terminal, usageError } from '../terminal.ts';
import { topics } from './topics.ts';

/** `nagare help`: of commands, and about topics. */
export function helpCommand(terminal: Terminal, program: Command): Command {
  return new Command('help')
    .description('show the help of a command, or of a topic: ' + Object.keys(topics).join(', '))
    .argument('[words...]', 'a command or a topic')
    .option('--json', 'print commands with their arguments and options, or the topic, as JSON')
    .action((words: readonly string[], flags: OutputFlags) => {
      const [topic = ''] = words;
      if (words.length === 1 && Object.hasOwn(topics, topic)) {
        const text = topics[topic]?.text ?? '';
        return printResult(terminal, flags, text, { topic, text });
      }
      const command = find(program, words);
      const lines = Object.entries(topics).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`);
      const more = words.length > 0 ? '' : `\n\nTopics (nagare help <topic>):\n${lines.join('\n')}`;
      printResult(terminal, flags, helpOf(command) + more, describedCommand(command));
    });
}

/** As `--help` prints it, with its examples. */
function helpOf(command: Command): string {
  const output = command.configureOutput();
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  command.configureOutput(output);
  return text.trimEnd();
}

/** A command as programs read it: with its subcommands, arguments and options. */
function describedCommand(command: Command): object {
  return {
    name: command.name(),
    aliases: command.aliases(),
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      description: argument.description,
      required: argument.required,
      repeated: argument.variadic,
      ...(argument.argChoices !== undefined && { choices: argument.argChoices }),
    })),
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description, mandatory, argChoices }) => ({
        flags,
        description,
        required: mandatory,
        ...(argChoices !== undefined && { choices: argChoices }),
      })),
    commands: command
      .createHelp()
      .visibleCommands(command)
      // Without the help that each command has.
      .filter((child) => command.commands.includes(child))
      .map((child) => describedCommand(child)),
  };
}

function find(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word || child.aliases().includes(word));
    if (next === undefined)
      throw usageError(`there is no command or topic ${words.join(' ')}`, 'nagare help');
    command = next;
  }
  return command;
}

import { Argument, Command } from 'commander';
import { serverOf } from '../api.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import type { Terminal } from '../terminal.ts';
import { candidatesFor } from './candidates.ts';
import { liveNames } from './names.ts';
import { scripts } from './scripts.ts';

/** `nagare completion`: prints the script for a shell. */
export function completionCommand(terminal: Terminal): Command {
  return withJson(new Command('completion'))
    .description('print the completion script of a shell; it completes names of the server too')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(nagare completion bash)\n  nagare completion zsh > "${fpath[1]}/_nagare"\n  nagare completion fish > ~/.config/fish/completions/nagare.fish',
    )
    .action((shell: string, flags: OutputFlags) => {
      const script = scripts[shell] ?? '';
      printResult(terminal, flags, script.trimEnd(), { shell, script });
    });
}

/** What the scripts call: prints what may follow the words, one per line; `:files` asks the shell for files. */
export function completeCommand(terminal: Terminal, program: Command): Command {
  return new Command('__complete')
    .description('print what may follow')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const { words: fitting, names, given, typed, files } = candidatesFor(program, words);
      const server = () => serverOf({}, terminal);
      const live =
        names === undefined ? [] : await liveNames({ kind: names, given, typed }, { server, terminal });
      const all = [...fitting, ...live.filter((name) => name.startsWith(typed))];
      for (const one of new Set(all)) terminal.print(one);
      if (files) terminal.print(':files');
    });
}

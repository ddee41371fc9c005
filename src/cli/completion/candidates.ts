import type { Command, Option } from 'commander';
import { topics } from '../help/topics.ts';

/** What a live name is of. */
export type NameKind =
  | 'stream'
  | 'function'
  | 'delivery'
  | 'list-log'
  | 'mapping'
  | 'channel'
  | 'bucket'
  | 'object'
  | 'topic'
  | 'queue'
  | 'alarm'
  | 'context'
  | 'shard';

export interface Candidates {
  /** Words that fit, from the commands themselves. */
  readonly words: readonly string[];
  /** Names of the server that fit too. */
  readonly names: NameKind | undefined;
  /** The arguments so far, for names that depend on them. */
  readonly given: readonly string[];
  /** What is typed of the word. */
  readonly typed: string;
  /** The shell completes files. */
  readonly files: boolean;
}

/** What may follow: `words` without the program, the last one being typed. */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const typed = words.at(-1) ?? '';
  let command = program;
  const given: string[] = [];
  let pending: Option | undefined;
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) pending = takingValue(command, word);
    else {
      const child = given.length === 0 ? childOf(command, word) : undefined;
      if (child === undefined) given.push(word);
      else command = child;
    }
  }
  const found = candidatesAt({ command, given, pending, typed });
  return { ...found, given, typed, words: found.words.filter((word) => word.startsWith(typed)) };
}

interface Place {
  readonly command: Command;
  readonly given: readonly string[];
  readonly pending: Option | undefined;
  readonly typed: string;
}

function candidatesAt({ command, given, pending, typed }: Place): Omit<Candidates, 'given' | 'typed'> {
  const none = { words: [], names: undefined, files: false };
  if (pending !== undefined) {
    const names = namesOfOption(pending.long ?? '');
    return {
      ...none,
      words: pending.argChoices ?? [],
      names,
      files: /file|path|dir|config|-(?:cert|tls-key|client-key|client-ca)$/.test(pending.long ?? ''),
    };
  }
  if (typed.startsWith('-')) {
    const options = command.options
      .filter(({ hidden }) => !hidden)
      .map(({ long, short }) => long ?? short ?? '');
    return { ...none, words: [...options, '--help'] };
  }
  if (command.commands.length > 0 && given.length === 0) return { ...none, words: visible(command) };
  if (command.name() === 'help') {
    const root = rootOf(command);
    return { ...none, words: [...Object.keys(topics), ...visible(root)] };
  }
  const argument = command.registeredArguments[given.length];
  if (argument === undefined) return none;
  return {
    words: argument.argChoices ?? [],
    names: namesOfArgument(command, argument.name()),
    files: /file|folder/.test(argument.name()),
  };
}

function visible(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((child) => child.name());
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

/** The option if its value is the next word. */
function takingValue(command: Command, word: string): Option | undefined {
  if (word.includes('=')) return undefined;
  const option = command.options.find(({ long, short }) => long === word || short === word);
  return option !== undefined && (option.required || option.optional) ? option : undefined;
}

const NOUNS: readonly NameKind[] = [
  'stream',
  'function',
  'delivery',
  'list-log',
  'mapping',
  'channel',
  'bucket',
  'object',
  'topic',
  'queue',
  'alarm',
  'context',
];

/** `<stream>` is a stream anywhere; `<name>` is what its noun has. Names of what is made are new. */
function namesOfArgument(command: Command, argument: string): NameKind | undefined {
  if (command.name() === 'create' || command.name() === 'add') return undefined;
  const own = NOUNS.find((noun) => noun === argument);
  if (own !== undefined) return own;
  const noun = command.parent?.name();
  return argument === 'name' || argument === 'uuid' ? NOUNS.find((one) => one === noun) : undefined;
}

function namesOfOption(long: string): NameKind | undefined {
  if (long === '--stream' || long === '--stream-name') return 'stream';
  if (long === '--context') return 'context';
  if (long === '--bucket') return 'bucket';
  return long === '--shard-id' || long === '--shard' ? 'shard' : undefined;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { candidatesFor } from '../../src/cli/completion/candidates.ts';
import { programOf } from '../../src/cli/program.ts';
import { silentTerminal } from '../../src/cli/terminal.ts';
import { runCommand } from '../support/command.ts';

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leaves(command: Command, path: readonly string[] = []): Leaf[] {
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

// What completion scripts call has no help, and former names are not shown.
const program = programOf(silentTerminal);
const all = leaves(program).filter(({ path }) => path !== '__complete' && !/^logs?(?: |$)/.test(path));

test('every command has help, with a description that begins with a verb in lower case', async () => {
  for (const { path, command } of all) {
    assert.match(command.description(), /^[a-z]/, path);
    const { code, output } = await runCommand([...path.split(' '), '--help']);
    assert.equal(code, 0, path);
    assert.ok(output.startsWith(`Usage: nagare ${path}`), path);
  }
});

test('every command prints its result as JSON too', () => {
  const without = all.filter(({ command }) => !command.options.some(({ long }) => long === '--json'));
  assert.deepEqual(
    without.map(({ path }) => path),
    [],
  );
});

test('every command leaves out progress and remarks with -q', async () => {
  const without = all.filter(({ command }) => !command.options.some(({ long }) => long === '--quiet'));
  assert.deepEqual(
    without.map(({ path }) => path),
    // It has a log with a level.
    ['start'],
  );
  const env = ['env', '--endpoint-url', 'http://127.0.0.1:1'];
  assert.match((await runCommand(env, {}, { columns: 80 })).errors, /^# for http/);
  assert.equal((await runCommand([...env, '-q'], {}, { columns: 80 })).errors, '');
});

test('every list is also one JSON object per line', () => {
  const lists = all.filter(({ command }) => command.name() === 'list');
  assert.ok(lists.length > 8);
  const without = lists.filter(({ command }) => !command.options.some(({ long }) => long === '--ndjson'));
  assert.deepEqual(
    without.map(({ path }) => path),
    [],
  );
});

test('every command, option and choice is completed', () => {
  for (const { path, command } of all) {
    const words = path.split(' ');
    const complete = (...typed: string[]) => candidatesFor(program, [...words, ...typed]).words;
    assert.ok(candidatesFor(program, words).words.includes(command.name()), path);
    for (const { long, hidden, argChoices } of command.options) {
      if (long === undefined || long === null || hidden) continue;
      assert.ok(complete(long).includes(long), `${path} ${long}`);
      if (argChoices !== undefined) assert.deepEqual(complete(long, ''), argChoices, `${path} ${long}`);
    }
  }
});

async function errorsOf(line: string): Promise<string> {
  return (await runCommand(line.split(' '))).errors;
}

test('a mistake in the command line says what is wrong and where the help is', async () => {
  assert.equal(
    await errorsOf('stream info'),
    "nagare: missing required argument 'name'\n  try: nagare help stream describe\n",
  );
  assert.equal(
    await errorsOf('stram ls'),
    "nagare: unknown command 'stram' (did you mean stream?)\n  try: nagare help\n",
  );
  assert.match(
    await errorsOf('tail s --form x'),
    /^nagare: unknown option '--form' .*\n {2}try: nagare help tail\n$/,
  );
  // With the examples that --help shows.
  const { output } = await runCommand(['help', 'topic', 'publish']);
  assert.equal(output, (await runCommand(['topic', 'publish', '--help'])).output);
  assert.match(output, /\nExample:\n {2}nagare topic publish /);
});

test('help --json describes every command with its options', async () => {
  const { code, output } = await runCommand(['help', '--json']);
  assert.equal(code, 0);
  const described = pathsIn(JSON.parse(output) as Described);
  assert.deepEqual(described.toSorted(), all.map(({ path }) => path).toSorted());
  const put = JSON.parse((await runCommand(['help', 'put', '--json'])).output) as Described;
  assert.ok(put.options.some(({ flags }) => flags.includes('--ndjson')));
});

interface Described {
  readonly name: string;
  readonly options: readonly { readonly flags: string }[];
  readonly commands: readonly Described[];
}

function pathsIn({ commands }: Described, path: readonly string[] = []): string[] {
  if (commands.length === 0) return [path.join(' ')];
  return commands.flatMap((child) => pathsIn(child, [...path, child.name]));
}

test('every list and description has the short name that people try', () => {
  const wanted: Readonly<Record<string, string>> = { list: 'ls', describe: 'info', delete: 'rm' };
  for (const { path, command } of all) {
    const short = wanted[command.name()];
    if (short !== undefined) assert.ok(command.aliases().includes(short), path);
  }
});

test('what destroys something does it only with --yes', () => {
  // A context is a line in a file of the user's.
  const wanted = all.filter(
    ({ path }) =>
      /^(?:delete|purge|skip|rewind)$/.test(path.split(' ').at(-1) ?? '') && path !== 'context delete',
  );
  assert.ok(wanted.length > 9);
  const without = wanted.filter(({ command }) => !command.options.some(({ long }) => long === '--yes'));
  assert.deepEqual(
    without.map(({ path }) => path),
    [],
  );
});

test('an unknown option is exit code 2 for every command, and nothing is printed as a result', async () => {
  for (const { path } of all) {
    const { code, output, errors } = await runCommand([...path.split(' '), '--no-such-option']);
    assert.deepEqual([code, output], [2, ''], path);
    assert.match(errors, /unknown option '--no-such-option'|required option .* not specified/, path);
  }
});

test('an unknown option, command or missing argument is exit code 2', async () => {
  for (const line of [
    'stream ls --nope',
    'stream nope',
    'nope',
    'stream info',
    'stream scale s --shards x',
  ]) {
    assert.equal((await runCommand(line.split(' '))).code, 2, line);
  }
});

test('a name that is empty is exit code 2: nothing is asked for it', async () => {
  for (const line of [
    'mapping info',
    'function info',
    'stream info',
    'queue info',
    'alarm info',
    'topic rm',
  ]) {
    const { code, errors } = await runCommand([...line.split(' '), '']);
    assert.equal(code, 2, line);
    assert.match(errors, /^nagare: .* is invalid for argument '\w+'\. It is empty\.\n {2}try: /, line);
  }
});

test('without a server, every command that calls one says how to start it', async () => {
  const calling = all.filter(
    ({ command }) =>
      command.options.some(({ long }) => long === '--endpoint-url') &&
      command.registeredArguments.every(({ required }) => !required) &&
      command.options.every(({ mandatory }) => !mandatory),
  );
  assert.ok(calling.length > 5);
  for (const { path } of calling.filter(({ path: one }) => one.endsWith(' list'))) {
    const { code, errors } = await runCommand([...path.split(' '), '--endpoint-url', 'http://127.0.0.1:1']);
    assert.equal(code, 1, path);
    assert.match(
      errors,
      /no server answers at http:\/\/127\.0\.0\.1:1\n {2}why: .*\n {2}try: nagare start\n/,
      path,
    );
  }
});

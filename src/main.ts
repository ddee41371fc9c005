#!/usr/bin/env node
// Imported as a whole: an older Node refuses to load a file that names an export it lacks, and could not print the
// reason.
import module from 'node:module';

// The oldest Node that runs TypeScript directly, which functions may be written in; scripts/prepack.mjs tells npm.
const needed = [22, 18] as const;

if (isOlder(process.versions.node)) {
  const line = `nagare requires Node ${needed.join('.')} or newer; this is ${process.versions.node}\n`;
  const asked = process.argv.slice(2);
  if (asked.length === 1 && asked[0] === '--version') {
    const { version } = await import('./support/version.ts');
    process.stdout.write(`${version()}\n`);
    process.exit(0);
  }
  const isHelp = asked.includes('--help') || asked.includes('-h');
  if (isHelp) process.stdout.write(`Usage: nagare [command] [options]\n\n${line}`);
  else process.stderr.write(line);
  process.exit(isHelp ? 0 : 1);
}

// Caches compiled code (and TypeScript without its types) between runs: halves the startup time.
module.enableCompileCache();

const { run } = await import('./cli/program.ts');
const { processTerminal } = await import('./cli/terminal.ts');

// Nothing that only waits for a time keeps the process alive (support/clock.ts): it must not end before the command.
const alive = setInterval(() => {}, 2 ** 31 - 1);
const code = await run(process.argv.slice(2), processTerminal);
// It is set if the output could not be written.
process.exitCode ??= code;
clearInterval(alive);

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < needed[0] || (major === needed[0] && minor < needed[1]);
}

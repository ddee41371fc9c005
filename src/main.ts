#!/usr/bin/env node
// As a whole: an older Node refuses to load a file that names an export it lacks, and could not be told why.
import module from 'node:module';

// The oldest that runs TypeScript as it is, which functions may be written in; scripts/prepack.mjs says it to npm.
const needed = [22, 18] as const;

if (isOlder(process.versions.node)) {
  const line = `nagare needs Node ${needed.join('.')} or newer; this is ${process.versions.node}\n`;
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

// Keeps compiled code (and TypeScript without its types) between runs: halves the time to start.
module.enableCompileCache();

const { run } = await import('./cli/program.ts');
const { processTerminal } = await import('./cli/terminal.ts');

process.exitCode = await run(process.argv.slice(2), processTerminal);

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < needed[0] || (major === needed[0] && minor < needed[1]);
}

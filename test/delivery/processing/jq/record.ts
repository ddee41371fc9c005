// Runs programs.txt with jq 1.6 and writes its answers to expected.jsonl: node test/delivery/processing/jq/record.ts
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const version = execFileSync('jq', ['--version'], { encoding: 'utf8' }).trim();
if (version !== 'jq-1.6') throw new Error(`Amazon Data Firehose has jq 1.6, this is ${version}`);

const lines = readFileSync(new URL('programs.txt', import.meta.url), 'utf8').split('\n');
const recorded = lines
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const at = line.indexOf('\t');
    const [input, program] = [line.slice(0, at), line.slice(at + 1)];
    const { status, stdout, stderr } = spawnSync('jq', ['-c', program], { input, encoding: 'utf8' });
    const outputs = stdout === '' ? [] : stdout.trimEnd().split('\n');
    // 3 is a program that does not compile, 5 an error of the program.
    const outcome = status === 0 ? 'ok' : status === 3 ? 'no program' : 'error';
    const message = /^jq: error \(at <stdin>:\d+\): (.*)/.exec(stderr)?.[1];
    return JSON.stringify({ program, input, outcome, outputs, ...(message !== undefined && { message }) });
  });
writeFileSync(new URL('expected.jsonl', import.meta.url), `${recorded.join('\n')}\n`);

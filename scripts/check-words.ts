// Part of `npm run check`: finds words that have a better one in the field's language. docs/glossary.md has the terms.
// (The glossary itself is not checked.) In test files only the names of tests are checked.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface BannedWord {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Files or folders in which the word is right, and why. */
  readonly allowed?: Readonly<Record<string, string>>;
}

const bannedWords: readonly BannedWord[] = [
  {
    pattern: /\b(?:giveBack|gives? back|borrow(?:s|ed|ing)?|lend|lent)\b/g,
    instead: 'acquire and release (memory, locks), reuse',
    allowed: { 'src/queue/': 'a message that goes back to its queue' },
  },
  { pattern: /(?:\bTold[A-Z]\w*|#told\b|\btold of\b)/g, instead: 'log, report, notify, return' },
  { pattern: /\bwhoever\b/gi, instead: 'the caller, the user, the operator, a client' },
  {
    pattern: /\bshall\b/gi,
    instead: 'must, can, or the present tense',
    allowed: { 'src/services/s3/tags.ts': "S3's own message" },
  },
  {
    pattern: /\b(?:anew|lest|heeded|allotted|thereof|hitherto)\b/gi,
    instead: 'again, re-, so that ... not, ignored',
  },
  { pattern: /\b(?:mend(?:s|ed|ing|able)?)\b/gi, instead: 'repair, fix, correct' },
  { pattern: /\bnobody's\b/gi, instead: 'unused, belongs to no ...' },
  { pattern: /\b(?:brought|brings?|bringing) about\b/gi, instead: 'carry out, cause' },
  { pattern: /\b(?:passed over|in vain|looked at)\b/gi, instead: 'ignored, rejected; wasted; checked, read' },
  { pattern: /\b(?:riddles?|is dear|goes the way of)\b/gi, instead: 'what it means, plainly' },
];

const root = fileURLToPath(new URL('..', import.meta.url));

const files = globSync(
  ['src/**/*.ts', 'docs/**/*.md', '*.md', 'bench/**/*.ts', 'examples/**/*.{ts,md}', 'test/**/*.ts'],
  { cwd: root, exclude: (name) => name.includes('node_modules') || name.endsWith('glossary.md') },
);

/** The text to check: all of it, but of a test file only the names of its tests. Line numbers stay the same. */
function checkedText(file: string): string {
  const text = readFileSync(`${root}/${file}`, 'utf8');
  if (!file.startsWith('test/')) return text;
  return text
    .split('\n')
    .map((line) => /\b(?:test|it|describe|suite)\((['`"].*)/.exec(line)?.[1] ?? '')
    .join('\n');
}

let found = 0;
const needed = new Set<string>();
for (const file of files) {
  const text = checkedText(file);
  for (const { pattern, instead, allowed = {} } of bannedWords) {
    for (const { index, 0: word } of text.matchAll(pattern)) {
      const exception = Object.keys(allowed).find((prefix) => file.startsWith(prefix));
      if (exception !== undefined) {
        needed.add(exception);
        continue;
      }
      const line = text.slice(0, index).split('\n').length;
      process.stderr.write(`${file}:${line}: "${word}": better: ${instead}\n`);
      found++;
    }
  }
}

for (const { allowed = {} } of bannedWords) {
  for (const prefix of Object.keys(allowed)) {
    if (needed.has(prefix)) continue;
    process.stderr.write(`${prefix} needs no exception any more: remove it from scripts/check-words.ts\n`);
    found++;
  }
}

if (found > 0) process.exitCode = 1;

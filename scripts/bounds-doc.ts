import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const file = new URL('../docs/bounds.md', import.meta.url);

const root = fileURLToPath(new URL('..', import.meta.url));

const HEAD = `# Bounds

Everything that comes in, waits, is kept or is tried again has a bound. This page lists them all, from the \`limits.ts\` of each part (\`npm run docs\` writes it); bounds of single values of an API are in the service's \`api.json\`. They are not settings. [limits.md](limits.md) has the limits of streams that \`--limits\` sets, and says what happens beyond the most important of these.
`;

/** docs/bounds.md: a table for each part of the server. */
export async function boundsDoc(): Promise<string> {
  const files = globSync('src/**/limits.ts', { cwd: root }).toSorted();
  const sections = await Promise.all(files.map(section));
  return HEAD + sections.join('');
}

async function section(path: string): Promise<string> {
  const exports = (await import(new URL(path, `file://${root}`).href)) as Readonly<Record<string, object>>;
  const [limits, ...others] = Object.values(exports);
  if (limits === undefined || others.length > 0) throw new Error(`${path} exports one object`);
  const text = readFileSync(new URL(path, `file://${root}`), 'utf8');
  const about = oneLine(/^\/\*\*(.*?)\*\//s.exec(text)?.[1] ?? '');
  const rows = Object.entries(limits).map(
    ([name, value]) => `| \`${name}\` | ${formatValue(name, value)} | ${meaningOf(text, name)} |\n`,
  );
  const part = path.slice('src/'.length, -'/limits.ts'.length);
  return `\n## ${part}\n\n${about}\n\n| bound | value | meaning |\n|---|---|---|\n${rows.join('')}`;
}

/** The comment above the bound. Throws if it has none. */
function meaningOf(text: string, name: string): string {
  const comment = new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\n\\s*${name}:`, 's').exec(text)?.[1];
  if (comment === undefined) throw new Error(`the bound ${name} has no comment that says what it means`);
  return oneLine(comment).replaceAll('|', '\\|');
}

function oneLine(comment: string): string {
  return comment
    .replaceAll(/^\s*\*? ?/gm, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const byteUnits = [
  [1024 ** 4, 'TiB'],
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;

const timeUnits = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** The unit is in the name: `bodyBytesMax`, `lingerMs`. */
function formatValue(name: string, value: unknown): string {
  if (typeof value !== 'number') throw new TypeError(`${name} is not a number`);
  const words = name
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase()
    .split(' ');
  if (words.includes('bytes')) return inUnits(value, byteUnits, 'bytes');
  if (words.includes('ms')) return inUnits(value, timeUnits, 'ms');
  return value.toLocaleString('en-US');
}

function inUnits(value: number, units: readonly (readonly [number, string])[], smallest: string): string {
  const [size, unit] = units.find(([each]) => value >= each && value % each === 0) ?? [1, smallest];
  return `${(value / size).toLocaleString('en-US')} ${unit}`;
}

if (import.meta.main) writeFileSync(file, await boundsDoc());

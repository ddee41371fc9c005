import { plain } from './plain.ts';

/** What is described, as a line for each of its values: `Progress.Shards[0].Position  LATEST`. */
export function factsText(described: object): string {
  const facts = [...factsOf(described, '')];
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function* factsOf(value: unknown, name: string): Generator<readonly [name: string, text: string]> {
  if (typeof value !== 'object' || value === null) {
    if (value !== undefined) yield [name, plain(typeof value === 'string' ? value : JSON.stringify(value))];
    return;
  }
  const members = Object.entries(value);
  if (members.length === 0) yield [name, 'none'];
  for (const [member, content] of members) {
    const next = Array.isArray(value) ? `${name}[${member}]` : name === '' ? member : `${name}.${member}`;
    yield* factsOf(content, next);
  }
}

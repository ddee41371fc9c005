import { writeFileSync } from 'node:fs';
import { settingNames } from '../src/config/settings.ts';
import { schemaText } from './schema.ts';

export const file = new URL('../docs/nagare-yaml.md', import.meta.url);

const HEAD = `# nagare.yaml, key by key

What the file may hold, from \`nagare.schema.json\` (\`npm run docs\` writes this page). [configuration.md](configuration.md#declarations) shows a whole file and says how it is applied. Settings (\`port\`, \`dataDir\`, ...) are keys at the top of the file, too: [settings](configuration.md#settings).

\`<name>\` is a name of your choice; \`[]\` stands for each element of a list. Where neither a range nor values are given, the bounds are those of the AWS API whose option it is.
`;

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** docs/nagare-yaml.md as the schema has it: a table for each section, a row for each key. */
export function nagareYamlDoc(): string {
  // Written by scripts/schema.ts a moment ago; it is known to be a schema.
  const { properties = {} } = JSON.parse(schemaText()) as Schema;
  const sections = Object.entries(properties).filter(
    ([name]) => !settingNames.some((known) => known === name),
  );
  return HEAD + sections.map(([name, schema]) => sectionText(name, schema)).join('');
}

function sectionText(name: string, schema: Schema): string {
  const rows = rowsOf(schema, name, false);
  return `\n## ${name}\n\n| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('')}`;
}

function rowsOf(schema: Schema, path: string, isRequired: boolean): string[] {
  const own = [row(schema, path, isRequired)];
  const parts = [schema, ...(schema.anyOf ?? [])];
  for (const { properties = {}, required = [], additionalProperties, items } of parts) {
    for (const [key, value] of Object.entries(properties)) {
      own.push(...rowsOf(value, `${path}.${key}`, required.includes(key)));
    }
    if (typeof additionalProperties === 'object') own.push(...inner(additionalProperties, `${path}.<name>`));
    if (items !== undefined) own.push(...inner(items, `${path}[]`));
  }
  return own;
}

/** Of what has no key of its own, only that is shown which has keys in it. */
function inner(schema: Schema, path: string): string[] {
  const rows = rowsOf(schema, path, false);
  return rows.length > 1 ? rows : [];
}

function row(schema: Schema, path: string, isRequired: boolean): string {
  const fallback = isRequired ? 'required' : defaultOf(schema);
  return `| \`${path}\` | ${valueOf(schema)} | ${fallback} | ${(schema.description ?? meaningOf(path)).replaceAll('|', '\\|')} |\n`;
}

/** Of what only holds others. */
function meaningOf(path: string): string {
  if (path.endsWith('.<name>')) return 'One of them, by its name';
  if (path.endsWith('[]')) return 'One of them';
  return path.includes('.') ? '' : `The ${path} that are there once the server is up`;
}

function defaultOf({ default: fallback }: Schema): string {
  return fallback === undefined ? '' : `\`${JSON.stringify(fallback)}\``;
}

function valueOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(valueOf).join(', or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null');
  if (types.includes('array')) return `list of ${plural(schema.items)}`;
  if (types.includes('object')) return schema.properties === undefined ? 'map by name' : 'map';
  if (types.includes('integer')) return `whole number${rangeOf(schema)}`;
  if (types.includes('string')) return 'text';
  return types.join(' or ');
}

function plural(items: Schema | undefined): string {
  if (items?.enum !== undefined) return valueOf(items);
  return items?.properties === undefined ? 'texts' : 'maps';
}

function rangeOf({ minimum, maximum }: Schema): string {
  if (minimum === undefined) return '';
  return maximum === undefined ? ` from ${minimum}` : `, ${minimum} to ${maximum}`;
}

if (import.meta.main) writeFileSync(file, nagareYamlDoc());

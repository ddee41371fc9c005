import {
  entries,
  listOf,
  listOr,
  optional,
  type OptionalField,
  type Problem,
  reader,
  type YamlReader,
  text,
  type YamlFile,
} from './yaml-reader.ts';

/**
 * A section of `nagare.yaml`: one kind of resource that a service can be told to create. Each service defines its own
 * sections, so that this code knows none of them.
 */
export interface Section<Entry> {
  readonly name: string;
  /** Reads the declaration of one resource. */
  readonly entry: YamlReader<Entry>;
  /** The declaration of a resource that is only named. With it, the section may be a list of names. */
  readonly named?: Entry;
}

export function section<Entry>(name: string, entry: YamlReader<Entry>): Section<Entry> {
  return { name, entry };
}

/** A section that is a map, or a list of names. */
export function listableSection<Entry>(name: string, entry: YamlReader<Entry>, named: Entry): Section<Entry> {
  return { name, entry, named };
}

/** One declared resource. */
export interface DeclaredEntry<Entry> {
  readonly name: string;
  /** Its path in the file, such as `streams.orders` or `buckets.0`. */
  readonly path: string;
  readonly value: Entry;
}

/** The declarations of a file. */
export class Declarations {
  readonly #sections: ReadonlyMap<string, readonly DeclaredEntry<unknown>[]>;
  readonly #file: YamlFile | undefined;
  /** Entries that could not be read. The others are checked nevertheless, so that all problems are reported at once. */
  readonly problems: readonly Problem[];

  constructor(
    sections: ReadonlyMap<string, readonly DeclaredEntry<unknown>[]>,
    file?: YamlFile,
    problems: readonly Problem[] = [],
  ) {
    this.#sections = sections;
    this.#file = file;
    this.problems = problems;
  }

  /** The entries that could be read. */
  entries<Entry>({ name }: Section<Entry>): readonly DeclaredEntry<Entry>[] {
    // The section's own reader has read them.
    return (this.#sections.get(name) ?? []) as readonly DeclaredEntry<Entry>[];
  }

  /** Names declared in a section, which may be another service's. */
  names(sectionName: string): string[] {
    return (this.#sections.get(sectionName) ?? []).map(({ name }) => name);
  }

  /** Creates a problem of the entry at that path. `called` is the entry's name where it differs from its path. */
  problem(path: string, message: string, called = path): Problem {
    const name = this.#file?.name ?? 'nagare.yaml';
    const line = this.#file?.lineOf(path) ?? 1;
    return { path, line, text: `${name}:${line}: ${called}: ${message}` };
  }
}

export const noDeclarations = new Declarations(new Map());

/** The file's fields for the sections, besides those for settings. */
export function sectionFields(
  sections: readonly Section<unknown>[],
): Readonly<Record<string, OptionalField<readonly DeclaredEntry<unknown>[]>>> {
  return Object.fromEntries(sections.map((one) => [one.name, optional(entriesReader(one))]));
}

function entriesReader(section: Section<unknown>): YamlReader<readonly DeclaredEntry<unknown>[]> {
  const map = mapReader(section);
  if (section.named === undefined) return map;
  const names = listOf(text());
  const list = reader(names.schema, (node, place) =>
    names(node, place)?.map((name, index) => ({
      name,
      path: place.pathOf(`${index}`),
      value: section.named,
    })),
  );
  return listOr(list, map);
}

function mapReader({ entry }: Section<unknown>): YamlReader<readonly DeclaredEntry<unknown>[]> {
  const schema = { type: ['object', 'null'], additionalProperties: entry.schema };
  return reader(schema, (node, place) =>
    entries(node, place)?.flatMap(([name, value, at]) => {
      const before = at.problemCount;
      const read = entry(value, at);
      return at.problemCount > before ? [] : [{ name, path: at.path, value: read }];
    }),
  );
}

/** The declarations among the fields that `sectionFields` and others have read. */
export function declarationsOf(
  file: YamlFile,
  content: Readonly<Record<string, unknown>>,
  sections: readonly Section<unknown>[],
  problems: readonly Problem[] = problemsOf(file, sections),
): Declarations {
  const read = sections.flatMap(({ name }) => {
    const declared = content[name];
    // `sectionFields` gave the section its reader.
    return declared === undefined ? [] : [[name, declared as DeclaredEntry<unknown>[]] as const];
  });
  return new Declarations(new Map(read), file, problems);
}

/** The problems that do not concern settings. */
function problemsOf(file: YamlFile, sections: readonly Section<unknown>[]): Problem[] {
  const names = new Set(sections.map(({ name }) => name));
  return file.found.filter(({ path }) => names.has(path.split('.', 1)[0] ?? ''));
}

import {
  entries,
  listOf,
  optional,
  type OptionalField,
  type Problem,
  reader,
  type YamlReader,
  text,
  type YamlFile,
} from './yaml-reader.ts';

/**
 * A section of `nagare.yaml`: one kind of thing that a service can be told to have. Each service brings its own, so
 * that nothing here knows any of them.
 */
export interface Section<Entry> {
  readonly name: string;
  /** Reads what is declared of one thing; a section without it is a list of names. */
  readonly entry: YamlReader<Entry> | undefined;
}

export function section<Entry>(name: string, entry: YamlReader<Entry>): Section<Entry> {
  return { name, entry };
}

/** A section whose things have a name and nothing else. */
export function listSection(name: string): Section<undefined> {
  return { name, entry: undefined };
}

/** One thing that is declared. */
export interface DeclaredEntry<Entry> {
  readonly name: string;
  /** Where it stands in the file, as `streams.orders` or `buckets.0`. */
  readonly path: string;
  readonly value: Entry;
}

/** What a file declares. */
export class Declarations {
  readonly #sections: ReadonlyMap<string, readonly DeclaredEntry<unknown>[]>;
  readonly #file: YamlFile | undefined;
  /** What could not be read. The rest is looked at nevertheless, so that all problems are named at once. */
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

  /** Those that could be read. */
  entries<Entry>({ name }: Section<Entry>): readonly DeclaredEntry<Entry>[] {
    // The section's own reader has read them.
    return (this.#sections.get(name) ?? []) as readonly DeclaredEntry<Entry>[];
  }

  /** Of a section that may be another service's. */
  names(sectionName: string): string[] {
    return (this.#sections.get(sectionName) ?? []).map(({ name }) => name);
  }

  /** What is wrong with the entry at that path. `called` is the entry's name where that is not its path. */
  problem(path: string, message: string, called = path): Problem {
    const name = this.#file?.name ?? 'nagare.yaml';
    const line = this.#file?.lineOf(path) ?? 1;
    return { path, line, text: `${name}:${line}: ${called}: ${message}` };
  }
}

export const noDeclarations = new Declarations(new Map());

/** The fields of a file for the sections, beside those for its settings. */
export function sectionFields(
  sections: readonly Section<unknown>[],
): Readonly<Record<string, OptionalField<readonly DeclaredEntry<unknown>[]>>> {
  return Object.fromEntries(sections.map((one) => [one.name, optional(entriesReader(one))]));
}

function entriesReader({ entry }: Section<unknown>): YamlReader<readonly DeclaredEntry<unknown>[]> {
  if (entry === undefined) {
    const names = listOf(text());
    return reader(names.schema, (node, place) =>
      names(node, place)?.map((name, index) => ({ name, path: place.pathOf(`${index}`), value: undefined })),
    );
  }
  const schema = { type: ['object', 'null'], additionalProperties: entry.schema };
  return reader(schema, (node, place) =>
    entries(node, place)?.flatMap(([name, value, at]) => {
      const before = at.problemCount;
      const read = entry(value, at);
      return at.problemCount > before ? [] : [{ name, path: at.path, value: read }];
    }),
  );
}

/** The declarations of what `sectionFields` and others have read of a file. */
export function declarationsOf(
  file: YamlFile,
  content: Readonly<Record<string, unknown>>,
  sections: readonly Section<unknown>[],
  problems: readonly Problem[] = problemsOf(file, sections),
): Declarations {
  const read = sections.flatMap(({ name }) => {
    const declared = content[name];
    // `sectionFields` has given the section its reader.
    return declared === undefined ? [] : [[name, declared as DeclaredEntry<unknown>[]] as const];
  });
  return new Declarations(new Map(read), file, problems);
}

/** Those that are not of settings. */
function problemsOf(file: YamlFile, sections: readonly Section<unknown>[]): Problem[] {
  const names = new Set(sections.map(({ name }) => name));
  return file.found.filter(({ path }) => names.has(path.split('.', 1)[0] ?? ''));
}

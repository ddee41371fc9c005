export type Tags = Readonly<Record<string, string>>;

/** A service's limit and errors for invalid tags; the rules are the same for all services. */
export interface TagRules {
  readonly max: number;
  readonly duplicateKey: (key: string) => Error;
  readonly reservedKey: (key: string) => Error;
  readonly invalidCharacters: () => Error;
  readonly tooMany: (max: number) => Error;
}

/** Rules in nagare's words, for services whose own are not known. */
export function plainTagRules(
  max: number,
  error: (message: string) => Error,
  tooMany: (max: number) => Error,
): TagRules {
  return {
    max,
    duplicateKey: (key) => error(`The tag key ${key} occurs more than once.`),
    reservedKey: (key) => error(`The tag key ${key} is reserved: keys must not begin with aws:.`),
    invalidCharacters: () => error('Some tags contain invalid characters.'),
    tooMany,
  };
}

const reserved = /^aws:/i;
const valid = /^[\p{L}\p{N}\p{Zs}_./=+\-%@:]*$/u;

/** Tags in the list form of the APIs. Throws when a key occurs twice. */
export function tagsOf(
  list: readonly { readonly Key: string; readonly Value: string }[],
  rules: TagRules,
): Tags {
  const tags = new Map<string, string>();
  for (const { Key, Value } of list) {
    if (tags.has(Key)) throw rules.duplicateKey(Key);
    tags.set(Key, Value);
  }
  return Object.fromEntries(tags);
}

/** Adds the tags to `present`. Throws when a tag, or the total number, is invalid. */
export function withTags(present: Tags, added: Tags, rules: TagRules): Tags {
  checkTagCharacters([...Object.keys(added), ...Object.values(added)], rules);
  const key = Object.keys(added).find((name) => reserved.test(name));
  if (key !== undefined) throw rules.reservedKey(key);
  const tags = { ...present, ...added };
  if (Object.keys(tags).length > rules.max) throw rules.tooMany(rules.max);
  return tags;
}

export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(present).filter(([key]) => !keys.includes(key)));
}

export function checkTagCharacters(texts: readonly string[], rules: TagRules): void {
  if (!texts.every((text) => valid.test(text))) throw rules.invalidCharacters();
}

/** The list form of the APIs, ordered by key. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** The condition keys of a request with their values. Keys are in lower case, because they ignore case. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

export function requestContext(
  entries: Iterable<readonly [key: string, values: readonly string[]]>,
): RequestContext {
  const context = new Map<string, readonly string[]>();
  for (const [key, values] of entries) context.set(key.toLowerCase(), values);
  return context;
}

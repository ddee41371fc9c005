const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Responses use few distinct header names, so each is validated once. */
const namesSeen = new Set<string>();
const NAMES_SEEN_MAX = 500;

/** Throws for a header field that could end the head, or that is not valid in HTTP (RFC 9110, section 5). */
export function checkField(name: string, value: string): void {
  if (isName(name) && !NO_FIELD_VALUE.test(value)) return;
  throw new TypeError(`${JSON.stringify(name)}: ${JSON.stringify(value)} is not a valid header field`);
}

function isName(name: string): boolean {
  if (namesSeen.has(name)) return true;
  if (!TOKEN.test(name)) return false;
  if (namesSeen.size < NAMES_SEEN_MAX) namesSeen.add(name);
  return true;
}

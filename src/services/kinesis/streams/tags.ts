import { limits } from '../../../limits.ts';
import { invalidArgument } from '../errors.ts';

export type Tags = Readonly<Record<string, string>>;

/** In whichever case. */
const RESERVED = /^aws:/i;
const VALID = /^[\p{L}\p{N}\p{Zs}_./=+\-%@:]*$/u;

/**
 * Throws InvalidArgumentException when the characters are not those that AWS takes, a key is one that AWS keeps for
 * itself, or there are too many tags.
 */
export function checkTags(added: Tags, present: Tags): void {
  checkTagCharacters([...Object.keys(added), ...Object.values(added)]);
  const reserved = Object.keys(added).find((key) => RESERVED.test(key));
  if (reserved !== undefined) {
    throw invalidArgument(`The tag key ${reserved} is reserved: keys must not begin with aws:.`);
  }
  const count = new Set([...Object.keys(added), ...Object.keys(present)]).size;
  if (count > limits.kinesisTagsMax) {
    throw invalidArgument(
      `Failed to add tags because a given resource cannot have more than ${limits.kinesisTagsMax} tags ` +
        'associated with it.',
    );
  }
}

export function checkTagCharacters(texts: readonly string[]): void {
  if (texts.every((text) => VALID.test(text))) return;
  throw invalidArgument(
    'Some tags contain invalid characters. Valid characters: ' +
      'Unicode letters, digits, white space, _ . / = + - % @ :.',
  );
}

export function withTags(present: Tags, added: Tags): Tags {
  checkTags(added, present);
  return { ...present, ...added };
}

export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  checkTagCharacters(keys);
  return Object.fromEntries(Object.entries(present).filter(([key]) => !keys.includes(key)));
}

/** In the API's form, in the order of their keys. */
export function listTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

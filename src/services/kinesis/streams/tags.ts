import * as shared from '../../../aws/tags.ts';
import { type Tags, type TagRules, checkTagCharacters } from '../../../aws/tags.ts';
import { awsLimits } from '../../../aws/limits.ts';
import { invalidArgument } from '../errors.ts';

const rules: TagRules = {
  max: awsLimits.tagsMax,
  // Kinesis takes tags as a map, in which no key can occur twice.
  duplicateKey: (key) => invalidArgument(`The tag key ${key} occurs more than once.`),
  reservedKey: (key) => invalidArgument(`The tag key ${key} is reserved: keys must not begin with aws:.`),
  invalidCharacters: () =>
    invalidArgument(
      'Some tags contain invalid characters. Valid characters: ' +
        'Unicode letters, digits, white space, _ . / = + - % @ :.',
    ),
  tooMany: (max) =>
    invalidArgument(
      `Failed to add tags because a given resource cannot have more than ${max} tags associated with it.`,
    ),
};

/** Throws InvalidArgumentException when a tag, or the total number of tags, is invalid. */
export function withTags(present: Tags, added: Tags): Tags {
  return shared.withTags(present, added, rules);
}

export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  checkTagCharacters(keys, rules);
  return shared.withoutTags(present, keys);
}

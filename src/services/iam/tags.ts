import { type TagRules, type Tags, tagList, tagsOf, withoutTags, withTags } from '../../aws/tags.ts';
import { invalidInput, limitExceeded } from './errors.ts';
import { iamLimits } from './limits.ts';

const duplicate = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.';

const rules: TagRules = {
  max: iamLimits.tagsMax,
  duplicateKey: () => invalidInput(duplicate),
  reservedKey: () => invalidInput('Tag keys and values may not begin with aws:'),
  invalidCharacters: () => invalidInput('A tag key or value has characters that are not allowed.'),
  tooMany: (max) => limitExceeded(`The number of tags has reached the maximum limit of ${max}.`),
};

type TagInput = { readonly Key: string; readonly Value: string };

/** Adds tags; keys ignore case, and a changed key keeps its new spelling. Throws InvalidInput or LimitExceeded. */
export function withIamTags(present: Tags, added: readonly TagInput[]): Tags {
  const keys = added.map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) throw invalidInput(duplicate);
  return withTags(withoutIamTags(present, keys), tagsOf(added, rules), rules);
}

export function withoutIamTags(present: Tags, keys: readonly string[]): Tags {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return withoutTags(
    present,
    Object.keys(present).filter((key) => removed.has(key.toLowerCase())),
  );
}

/** The member `Tags` of an output. */
export function tagsMember(tags: Tags): { Tags?: { Key: string; Value: string }[] } {
  const list = tagList(tags);
  return list.length === 0 ? {} : { Tags: list };
}

import { tagsOf, withTags, type TagRules, type Tags } from '../../aws/tags.ts';
import { invalidArgument, limitExceeded } from './errors.ts';
import { firehoseLimits } from './limits.ts';

const rules: TagRules = {
  max: firehoseLimits.tagsMax,
  duplicateKey: (key) => invalidArgument(`The tag key ${key} occurs more than once.`),
  reservedKey: (key) => invalidArgument(`The tag key ${key} is reserved: keys must not begin with aws:.`),
  invalidCharacters: () => invalidArgument('Some tags contain invalid characters.'),
  tooMany: (max) => limitExceeded(`A delivery stream cannot have more than ${max} tags.`),
};

/** Throws InvalidArgumentException, LimitExceededException. */
export function taggedWith(
  present: Tags,
  added: readonly { readonly Key: string; readonly Value?: string }[],
): Tags {
  const list = added.map(({ Key, Value = '' }) => ({ Key, Value }));
  return withTags(present, tagsOf(list, rules), rules);
}

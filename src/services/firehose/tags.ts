import { plainTagRules, tagsOf, withTags, type Tags } from '../../aws/tags.ts';
import { invalidArgument, limitExceeded } from './errors.ts';
import { firehoseLimits } from './limits.ts';

const rules = plainTagRules(firehoseLimits.tagsMax, invalidArgument, (max) =>
  limitExceeded(`A delivery stream cannot have more than ${max} tags.`),
);

/** Throws InvalidArgumentException, LimitExceededException. */
export function taggedWith(
  present: Tags,
  added: readonly { readonly Key: string; readonly Value?: string }[],
): Tags {
  const list = added.map(({ Key, Value = '' }) => ({ Key, Value }));
  return withTags(present, tagsOf(list, rules), rules);
}

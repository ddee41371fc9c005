import { awsLimits } from '../../aws/limits.ts';
import { withTags, type TagRules, type Tags } from '../../aws/tags.ts';
import { duplicateTag, invalidTagCharacters, reservedTag, tooManyTags } from './errors.ts';

const rules: TagRules = {
  max: awsLimits.tagsMax,
  duplicateKey: duplicateTag,
  reservedKey: reservedTag,
  invalidCharacters: invalidTagCharacters,
  tooMany: tooManyTags,
};

/** Adds tags to those of a function or mapping. Throws InvalidParameterValueException. */
export function withLambdaTags(present: Tags, added: Tags): Tags {
  return withTags(present, added, rules);
}

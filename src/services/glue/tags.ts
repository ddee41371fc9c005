import { parseArn } from '../../aws/arn.ts';
import { type TagRules, type Tags, withTags } from '../../aws/tags.ts';
import { invalidInput } from './errors.ts';
import { glueLimits } from './limits.ts';

const rules: TagRules = {
  max: glueLimits.tagsMax,
  duplicateKey: (key) => invalidInput(`Tag key ${key} is given twice.`),
  reservedKey: (key) => invalidInput(`Tag key ${key} is reserved: keys must not begin with aws:`),
  invalidCharacters: () => invalidInput('A tag key or value has characters that are not allowed.'),
  tooMany: (max) => invalidInput(`A resource can have at most ${max} tags.`),
};

/** Throws InvalidInputException. */
export function withGlueTags(present: Tags, added: Tags): Tags {
  return withTags(present, added, rules);
}

/** The database that an ARN names: of nagare's Glue resources only databases have tags, as on AWS. */
export function taggedDatabase(arn: string): string {
  const { service, resource = '' } = parseArn(arn) ?? {};
  const name = /^database\/(.+)$/.exec(resource)?.[1];
  if (service !== 'glue' || name === undefined) {
    throw invalidInput(`${arn} is not the ARN of a database; other resources have no tags here.`);
  }
  return name;
}

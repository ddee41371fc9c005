import { validationError } from '../errors.ts';

/** The claims of AWS for session tags and the source identity. */
const TAGS_CLAIM = 'https://aws.amazon.com/tags';
const SOURCE_IDENTITY_CLAIM = 'https://aws.amazon.com/source_identity';

type Claims = Readonly<Record<string, unknown>>;

export interface TagsInToken {
  readonly Tags: { Key: string; Value: string }[];
  readonly TransitiveTagKeys: string[];
}

/** The session tags that a token asks for: each principal tag has one value. Throws ValidationError. */
export function tagsInToken(claims: Claims): TagsInToken {
  const given = claims[TAGS_CLAIM];
  if (given === undefined) return { Tags: [], TransitiveTagKeys: [] };
  if (!isObject(given)) throw invalidTags();
  const { principal_tags: tags = {}, transitive_tag_keys: transitive = [] } = given;
  if (!isObject(tags) || !isTexts(transitive)) throw invalidTags();
  const Tags = Object.entries(tags).map(([Key, values]) => {
    const list: unknown = typeof values === 'string' ? [values] : values;
    const [Value] = isTexts(list) && list.length === 1 ? list : [];
    if (Value === undefined || Key.length === 0 || Key.length > 128 || Value.length > 256)
      throw invalidTags();
    return { Key, Value };
  });
  return { Tags, TransitiveTagKeys: [...transitive] };
}

/** Throws ValidationError. */
export function sourceIdentityInToken(claims: Claims): string | undefined {
  const given = claims[SOURCE_IDENTITY_CLAIM];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^[\w+=,.@-]{2,64}$/.test(given) && !/^aws:/i.test(given)) return given;
  throw validationError(`The claim ${SOURCE_IDENTITY_CLAIM} is not a valid source identity.`);
}

function invalidTags(): Error {
  return validationError(`The claim ${TAGS_CLAIM} is not valid: each principal tag must have one value.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

import { formatArn, type RegionAndAccount } from '../../aws/arn.ts';
import {
  functionNameTooLong,
  functionNotFound,
  otherRegion,
  qualifierNotPermitted,
  qualifiersDiffer,
} from './errors.ts';

/** A function as a caller names it. */
export interface FunctionReference {
  readonly name: string;
  /** `$LATEST`, a version or an alias; undefined when none was given. */
  readonly qualifier: string | undefined;
  /** The ARN as the caller would see it: with the qualifier when one was given. */
  readonly arn: string;
}

const NAME_LENGTH_MAX = 64;
const FORM =
  /^(?:arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z0-9-]+):(?=\d{12}:function:))?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9-_]+)(?::(?<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?$/;

export function functionArn(name: string, scope: RegionAndAccount): string {
  return formatArn('lambda', scope, `function:${name}`);
}

/** The name, for operations that concern all versions. Throws InvalidParameterValueException for a qualified one. */
export function unqualified(text: string, place: RegionAndAccount): string {
  const { name, qualifier } = parseFunctionName(text, place);
  if (qualifier !== undefined) throw qualifierNotPermitted();
  return name;
}

/**
 * Parses a FunctionName: `name`, `account:function:name`, or an ARN, each with or without a qualifier. Throws
 * ResourceNotFoundException for other regions and accounts, InvalidParameterValueException for names that are too long.
 */
export function parseFunctionName(
  text: string,
  place: RegionAndAccount,
  qualifier?: string,
): FunctionReference {
  const groups = FORM.exec(text)?.groups;
  const name = groups?.['name'];
  if (groups === undefined || name === undefined) throw functionNotFound(text);
  const region = groups['region'] ?? place.region;
  const accountId = groups['account'] ?? place.accountId;
  if (name.length > NAME_LENGTH_MAX) throw functionNameTooLong(name, NAME_LENGTH_MAX);
  if (region !== place.region) throw otherRegion(region, place.region);
  const derived = groups['qualifier'];
  if (derived !== undefined && qualifier !== undefined && derived !== qualifier) throw qualifiersDiffer();
  const wanted = derived ?? qualifier;
  const bare = functionArn(name, { region, accountId });
  const arn = wanted === undefined ? bare : `${bare}:${wanted}`;
  if (accountId !== place.accountId) throw functionNotFound(arn);
  return { name, qualifier: wanted, arn };
}

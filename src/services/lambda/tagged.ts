import { parseArn } from '../../aws/arn.ts';
import type { Tags } from '../../aws/tags.ts';
import type { LambdaContext, LambdaReads } from './context.ts';
import { functionNotFound, tagsOfQualifier, unsupportedTags } from './errors.ts';

interface Tagged {
  readonly kind: 'function' | 'event-source-mapping';
  readonly name: string;
  readonly tags: Tags;
}

/** The function or event source mapping of an ARN. Throws ResourceNotFoundException, InvalidParameterValueException. */
export function tagged({ functions, mappings }: LambdaReads, arn: string): Tagged {
  const [kind, name = '', qualifier] = parseArn(arn)?.resource.split(':') ?? [];
  if (kind === 'event-source-mapping') return { kind, name, tags: mappings.tags(name) };
  if (kind !== 'function') throw unsupportedTags(arn);
  if (qualifier !== undefined) throw tagsOfQualifier();
  const { tags } = functions.resolveName(arn).definition;
  if (functions.arn(name) !== arn) throw functionNotFound(arn);
  return { kind, name, tags };
}

/** Stores what `change` makes of the tags that are there. Throws as `tagged`, and what `change` throws. */
export async function changeTags(
  context: LambdaContext,
  arn: string,
  change: (present: Tags) => Tags,
): Promise<void> {
  const { kind, name } = tagged(context, arn);
  await (kind === 'function' ? context.changes : context.mappings).tag(name, change);
}

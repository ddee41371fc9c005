import { PageTokens } from '../../aws/page-token.ts';
import type { GlueContext } from './context.ts';
import { catalogNotFound, invalidInput, unsupportedOption } from './errors.ts';

/**
 * The one catalog has the id of the account. Terraform sends an empty one when it has not asked for the account
 * (`skip_requesting_account_id`). Throws EntityNotFoundException.
 */
export function checkCatalog({ accountId }: GlueContext, catalogId: string | undefined): void {
  if (catalogId !== undefined && catalogId !== '' && catalogId !== accountId)
    throw catalogNotFound(catalogId);
}

/** Throws InvalidInputException, by name, for options that nagare does not have and that are given. */
export function refuseOptions(options: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(options).find((name) => options[name] !== undefined);
  if (given !== undefined) throw unsupportedOption(given);
}

export const pageTokens = new PageTokens({ invalid: () => invalidInput('Invalid pagination token.') });

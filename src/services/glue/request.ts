import { type Page, PageTokens } from '../../aws/page-token.ts';
import type { GlueContext } from './context.ts';
import { catalogNotFound, invalidInput, unsupportedOption } from './errors.ts';
import { fittingOf } from './sizes.ts';

/**
 * The only catalog has the account's ID. Terraform sends an empty one when it has not requested the account
 * (`skip_requesting_account_id`). Throws EntityNotFoundException.
 */
export function checkCatalog({ accountId }: GlueContext, catalogId: string | undefined): void {
  if (catalogId !== undefined && catalogId !== '' && catalogId !== accountId)
    throw catalogNotFound(catalogId);
}

/** Refuses unsupported options by name. Throws InvalidInputException. */
export function refuseOptions(options: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(options).find((name) => options[name] !== undefined);
  if (given !== undefined) throw unsupportedOption(given);
}

export const pageTokens = new PageTokens({ invalid: () => invalidInput('Invalid pagination token.') });

/** A page of rows ordered by name, which ends early if they are large. */
export function pageOf<Row extends { readonly name: string; readonly input: object }>(
  kind: string,
  rows: readonly Row[],
  size: number,
  token: string | undefined,
): Page<Row> {
  const page = (count: number): Page<Row> => pageTokens.pageOf(kind, rows, ({ name }) => name, count, token);
  const whole = page(size);
  const fitting = fittingOf(whole.items);
  return fitting < whole.items.length ? page(fitting) : whole;
}

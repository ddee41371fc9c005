import { formatArn, parseArn } from '../../aws/arn.ts';
import type { IamContext } from './context.ts';
import { invalidInput, limitExceeded, noSuchEntity, quotaExceeded } from './errors.ts';
import { iamLimits } from './limits.ts';
import type { OidcProviderRow } from './rows.ts';

const RESOURCE = 'oidc-provider/';

export function oidcProviderArn({ accountId }: Pick<IamContext, 'accountId'>, issuer: string): string {
  return formatArn('iam', { region: '', accountId }, `${RESOURCE}${issuer}`);
}

/** The issuer in the ARN of a provider of this account. Throws InvalidInput or NoSuchEntity. */
export function issuerOf({ accountId }: Pick<IamContext, 'accountId'>, arn: string): string {
  const { service, accountId: owner, resource } = parseArn(arn) ?? {};
  if (service !== 'iam' || resource?.startsWith(RESOURCE) !== true) {
    throw invalidInput(`Invalid ARN: ${arn} is not the ARN of an OpenID Connect provider.`);
  }
  if (owner !== accountId) throw providerNotFound(arn);
  return resource.slice(RESOURCE.length);
}

/** Throws InvalidInput or NoSuchEntity. */
export async function oidcProvider(context: IamContext, arn: string): Promise<OidcProviderRow> {
  const row = await context.store.oidcProviders.get(issuerOf(context, arn));
  if (row === undefined) throw providerNotFound(arn);
  return row;
}

export async function oidcProviderRows({ oidcProviders }: IamContext['store']): Promise<OidcProviderRow[]> {
  const rows: OidcProviderRow[] = [];
  for await (const [, row] of oidcProviders.entries()) rows.push(row);
  return rows;
}

/** Changes members of a provider. Throws InvalidInput or NoSuchEntity. */
export async function changeOidcProvider(
  context: IamContext,
  arn: string,
  change: (row: OidcProviderRow) => Partial<OidcProviderRow>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await oidcProvider(context, arn);
    writes.put(store.oidcProviders, row.issuer, { ...row, ...change(row) });
  });
}

/**
 * The issuer of a provider's URL. As on AWS it has a path at most: no port, no query. Throws InvalidInput.
 */
export function issuerOfUrl(url: string): string {
  if (!URL.canParse(url)) throw invalidInput('Invalid Open ID Connect Provider URL');
  const { protocol, username, password, search, hash, host, pathname } = new URL(url);
  const isPlain = username === '' && password === '' && search === '' && hash === '';
  if (protocol !== 'https:' || !isPlain) throw invalidInput('Invalid Open ID Connect Provider URL');
  return `${host}${pathname.replace(/\/+$/, '')}`;
}

/** Throws LimitExceeded. */
export function checkedClientIds(ids: readonly string[]): readonly string[] {
  const distinct = [...new Set(ids)];
  if (distinct.length > iamLimits.oidcClientIdsMax) {
    throw quotaExceeded('ClientIdsPerOpenIdConnectProvider', iamLimits.oidcClientIdsMax);
  }
  return distinct;
}

/** Throws InvalidInput or LimitExceeded. */
export function checkedThumbprints(thumbprints: readonly string[]): readonly string[] {
  for (const thumbprint of thumbprints) {
    if (!/^[0-9a-f]{40}$/i.test(thumbprint)) {
      throw invalidInput(`Invalid thumbprint ${thumbprint}: it is not the hex SHA-1 of a certificate.`);
    }
  }
  if (thumbprints.length > iamLimits.oidcThumbprintsMax) {
    throw limitExceeded('Thumbprint list must contain fewer than 5 entries.');
  }
  return thumbprints.map((thumbprint) => thumbprint.toLowerCase());
}

function providerNotFound(arn: string): Error {
  return noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
}

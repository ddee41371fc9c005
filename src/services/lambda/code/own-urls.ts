import { join } from 'node:path';
import { OwnUrls } from '../../../auth/keys/own-urls.ts';
import { openKeyStore } from '../../../engine/key-store.ts';
import { systemClock } from '../../../support/clock.ts';
import type { ServiceContext } from '../../registration.ts';

/** What signs the URLs of code; undefined if signatures are not verified. All machines that share a log sign alike. */
export async function ownUrlsOf({
  engine,
  config: { dataDir, masterKey, masterKeyFile },
  ownKeys,
  region,
  accountId,
}: Pick<ServiceContext, 'engine' | 'config' | 'ownKeys' | 'region' | 'accountId'>): Promise<
  OwnUrls | undefined
> {
  if (ownKeys === undefined) return undefined;
  const folder = join(dataDir, 'keys');
  const keys = await openKeyStore({ catalog: engine.catalog, folder, masterKey, masterKeyFile });
  const secret = keys.derive('own urls');
  return new OwnUrls({ secret, region, accountId, now: () => systemClock.now() });
}

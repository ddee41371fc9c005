import type { StoredDestination } from '../configuration/destination.ts';
import { refuseUnknownCatalog } from './iceberg-route.ts';
import { checkTable } from './parquet.ts';
import type { RouteParts } from './route-parts.ts';

/** Checks that the resources a destination refers to exist. Throws InvalidArgumentException. */
export async function checkDestination(destination: StoredDestination, parts: RouteParts): Promise<void> {
  refuseUnknownCatalog(destination, parts.tables);
  await checkTable(destination, parts);
}

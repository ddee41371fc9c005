import { HttpClient } from '../../delivery/iceberg/http-json.ts';
import { IcebergTables } from '../../delivery/iceberg/tables.ts';
import { register } from '../registration.ts';
import { catalogDeclarer, catalogsSection } from './declared.ts';
import { catalogStore } from './catalog-store.ts';

/** Tables of Apache Iceberg, for the services that deliver to them. It has no API of its own. */
export const iceberg = register({
  name: 'iceberg',
  needs: ['buckets'],
  offers: ['icebergTables'],
  declares: [catalogsSection],
  open({ egress, clock }, { buckets }) {
    const http = new HttpClient(egress);
    const stores = {
      own: buckets.store,
      open: (config: Readonly<Record<string, string>>) => catalogStore(config, buckets),
    };
    // Channels that exist begin to deliver before the declarations are applied.
    const declared = Promise.withResolvers<void>();
    const tables = new IcebergTables({ http, stores, clock, declared: declared.promise });
    return {
      offers: { icebergTables: tables },
      declarer: catalogDeclarer(tables, process.env),
      start: declared.resolve,
      close: () => Promise.resolve(http.close()),
    };
  },
});

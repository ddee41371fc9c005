import { EncodingThread } from '../../delivery/iceberg/encoding-thread.ts';
import { catalogClient } from '../../delivery/iceberg/catalog-client.ts';
import { IcebergTables } from '../../delivery/iceberg/tables.ts';
import { register } from '../registration.ts';
import { catalogDeclarer, catalogsSection } from './declared.ts';
import { catalogStore } from './catalog-store.ts';

/** Offers Apache Iceberg tables to the services that deliver to them. It has no API of its own. */
export const iceberg = register({
  name: 'iceberg',
  needs: ['buckets'],
  offers: ['icebergTables'],
  declares: [catalogsSection],
  open({ egress, clock, log }, { buckets }) {
    const http = catalogClient(egress);
    const encoding = new EncodingThread(log);
    const stores = {
      own: buckets.store,
      open: (config: Readonly<Record<string, string>>) => catalogStore(config, buckets),
    };
    // Existing channels begin to deliver before the declarations are applied.
    const declared = Promise.withResolvers<void>();
    const tables = new IcebergTables({ http, stores, encoding, clock, declared: declared.promise });
    return {
      offers: { icebergTables: tables },
      declarer: catalogDeclarer(tables, process.env),
      start: declared.resolve,
      async close() {
        http.close();
        await encoding.close();
      },
    };
  },
});

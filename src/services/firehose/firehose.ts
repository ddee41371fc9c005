import { join } from 'node:path';
import type { RegionAndAccount } from '../../aws/arn.ts';
import { SqliteThread } from '../../delivery/database/sqlite-thread.ts';
import { Deliveries } from '../../delivery/deliveries.ts';
import { httpLimits } from '../../delivery/http/limits.ts';
import { ConversionThread } from '../../delivery/formats/conversion-thread.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { PayloadCipher } from '../../engine/payload-cipher.ts';
import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { httpPoster } from '../../support/http-post.ts';
import { firehoseAuthorization } from './actions.ts';
import { deliveryStreamDeclarer, deliveryStreamsSection } from './declared.ts';
import { register } from '../registration.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import type { FirehoseReads } from './context.ts';
import { DeliveryStreamList } from './delivery-stream-list.ts';
import { DeliveryStreams, type DeliveryStreamsOptions } from './delivery-streams.ts';
import { describePutRecords } from './describe-records.ts';
import { putBodyParsers } from './direct-put/put-body-parser.ts';
import { firehoseLimits } from './limits.ts';
import { databaseOpener } from './pipeline/database-route.ts';
import { deliveryStreamTags, taggedStreams } from './tag-source.ts';
import { operations, reads } from './operations/index.ts';
import { StoredStreams } from './stored-streams.ts';

export interface FirehoseService {
  readonly service: Service;
  readonly deliveryStreams: DeliveryStreams;
}

export const firehose = register({
  name: 'firehose',
  needs: ['streams', 'buckets', 'functions', 'tableSchemas', 'logs', 'icebergTables'],
  offers: [],
  declares: [deliveryStreamsSection],
  describeRecords: describePutRecords,
  // Nothing of it is kept in memory.
  atStandby: {
    needs: [],
    offers: [],
    async open({ engine: { catalog }, ...context }) {
      const deliveryStreams = new DeliveryStreamList({ ...context, catalog, isCopy: true });
      context.taggedResources.register('firehose', { resources: () => taggedStreams(deliveryStreams) });
      return { service: serviceOf<FirehoseReads>(context, reads, { deliveryStreams }) };
    },
  },
  reseal: ({ engine }, keys) => new StoredStreams(engine.catalog, keys).reseal(engine.catalog),
  async open({ config, ...context }, contracts) {
    const { streams, buckets, functions, tableSchemas, logs, icebergTables: tables } = contracts;
    const keys = await openKeyStore({
      catalog: context.engine.catalog,
      folder: join(config.dataDir, 'keys'),
      masterKey: config.masterKey,
      masterKeyFile: config.masterKeyFile,
    });
    const { store } = buckets;
    const { clock, region, log, egress } = context;
    const { env: environment } = process;
    const thread = new ConversionThread(log);
    const sqlite = new SqliteThread(log);
    const deliveries = new Deliveries({
      ...context,
      store,
      cipher: new PayloadCipher(keys.deriveAll('staged records')),
    });
    const poster = httpPoster(egress, httpLimits);
    const opened = openFirehose({
      ...context,
      lifecycleMs: config.lifecycleMs,
      keys,
      streams,
      deliveries,
      logs,
      routes: {
        acting: context.acting,
        store,
        clock,
        region,
        post: poster.post,
        functions,
        schemas: tableSchemas,
        tables,
        thread,
        activePartitionsMax: config.activePartitions,
        openDatabase: databaseOpener({ clock, egress, environment, sqlite, dataDir: config.dataDir }),
      },
    });
    const { deliveryStreams } = opened;
    context.taggedResources.register('firehose', deliveryStreamTags(deliveryStreams));
    return {
      service: opened.service,
      declarer: deliveryStreamDeclarer(deliveryStreams, { ...context, environment }),
      backup: { hold: () => deliveries.holdPositions() },
      warnings() {
        const count = deliveryStreams.failingCount();
        return count === 0 ? [] : [`delivery streams that cannot deliver: ${count}`];
      },
      start: () => deliveryStreams.start(),
      async quiesce() {
        await deliveryStreams.close();
        poster.close();
        await Promise.all([thread.close(), sqlite.close()]);
      },
    };
  },
});

/** Opens the delivery streams; `deliveryStreams.start()` puts them to work. */
export function openFirehose(options: DeliveryStreamsOptions): FirehoseService {
  const deliveryStreams = new DeliveryStreams(options);
  return {
    service: serviceOf(options, operations, { deliveryStreams }),
    deliveryStreams,
  };
}

function serviceOf<Context extends FirehoseReads>(
  place: RegionAndAccount,
  of: OperationTable<Context, string>,
  context: Context,
): Service {
  return service('firehose', api, of, context, firehoseLimits.bodyBytesMax, {
    audit,
    fastParsers: putBodyParsers,
    authorization: firehoseAuthorization(place, (name) => context.deliveryStreams.row(name)?.tags),
  });
}

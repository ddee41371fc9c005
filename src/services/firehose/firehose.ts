import { join } from 'node:path';
import { SqliteThread } from '../../delivery/database/sqlite-thread.ts';
import { Deliveries } from '../../delivery/deliveries.ts';
import { httpLimits } from '../../delivery/http/limits.ts';
import { ConversionThread } from '../../delivery/formats/conversion-thread.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { PayloadCipher } from '../../engine/payload-cipher.ts';
import { service, type Service } from '../../protocol/service.ts';
import { httpPoster } from '../../support/http-post.ts';
import { deliveryStreamDeclarer, deliveryStreamsSection } from './declared.ts';
import { register } from '../registration.ts';
import api from './api.json' with { type: 'json' };
import { DeliveryStreams, type DeliveryStreamsOptions } from './delivery-streams.ts';
import { describePutRecords } from './describe-records.ts';
import { putBodyParsers } from './direct-put/put-body-parser.ts';
import { firehoseLimits } from './limits.ts';
import { databaseOpener } from './pipeline/database-route.ts';
import { operations } from './operations/index.ts';

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
      cipher: new PayloadCipher(keys.derive('staged records')),
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
    service: service('firehose', api, operations, { deliveryStreams }, firehoseLimits.bodyBytesMax, {
      fastParsers: putBodyParsers,
    }),
    deliveryStreams,
  };
}

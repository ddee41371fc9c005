import { join } from 'node:path';
import { s3Limits } from './limits.ts';
import type { Engine } from '../../engine/engine.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { ServiceModel } from '../../protocol/model.ts';
import { service, type CallContext, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { checkBody } from './body-sums.ts';
import type { S3Context } from './context.ts';
import { fencedFiles, type Files } from './embedded/files.ts';
import { backupObjects } from './embedded/backup.ts';
import { checkBucketName } from './embedded/buckets.ts';
import { describeContents } from './embedded/describe-records.ts';
import { checkObjects } from './embedded/check.ts';
import { openEmbeddedObjects } from './embedded/open.ts';
import { storedObjects } from './embedded/stored-objects.ts';
import { EmbeddedStore } from './embedded-store.ts';
import type { ObjectStore } from './object-store.ts';
import { RemoteStores } from './remote-store.ts';
import { ServiceError } from '../../errors.ts';
import type { VerifyReport } from '../../support/findings.ts';
import { register, type ScrubOptions } from '../registration.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { bucketDeclarer, bucketsSection } from './declared.ts';
import { operations } from './operations/index.ts';
import { checkPresigned } from './presigned.ts';
import { refuse } from './unsupported-inputs.ts';

export interface ObjectStorage {
  readonly service: Service;
  /** The same objects, without HTTP, for the parts of nagare that write them. */
  readonly store: ObjectStore;
  readonly declarer: Declarer;
  /**
   * Copies all objects to `folder`/objects while they are in use. `copyEngine` copies the engine, which has their
   * metadata: no object is written meanwhile, so the copies are consistent.
   */
  backup(folder: string, copyEngine: () => Promise<void>): Promise<void>;
  /** Checks all contents, which may be in use meanwhile. */
  scrub(options: ScrubOptions): Promise<VerifyReport>;
  /** Syncs the files of the last changes. */
  close(): Promise<void>;
}

export const s3 = register({
  name: 's3',
  needs: [],
  offers: ['buckets'],
  declares: [bucketsSection],
  describeRecords: describeContents,
  storedFiles: storedObjects,
  async open({ config, targets, fence, ...context }) {
    const files = fencedFiles(fence);
    const { dataDir: folder, masterKey, masterKeyFile } = config;
    const objects = await openObjectStorage({ ...context, folder, files, masterKey, masterKeyFile });
    const remote = new RemoteStores(context.egress);
    const { store } = objects;
    targets.register('s3', {
      accepts: (arn) => bucketArn.test(arn),
      async deliver(arn, { object }) {
        const bucket = bucketArn.exec(arn)?.groups?.['bucket'] ?? '';
        if (object === undefined)
          throw new ServiceError('InvalidParameter', `${arn}: buckets accept only objects`);
        await store.put(bucket, object.key, Buffer.from(object.body), { condition: 'unconditional' });
      },
    });
    return {
      service: objects.service,
      offers: {
        buckets: {
          store,
          checkName: checkBucketName,
          openRemote: (...store) => remote.open(...store),
        },
      },
      declarer: objects.declarer,
      scrub: (options) => objects.scrub(options),
      backup: { folders: ['objects'], copy: (target, rest) => objects.backup(target, rest) },
      async close() {
        await remote.close();
        await objects.close();
      },
    };
  },
});

const bucketArn = /^arn:aws[\w-]*:s3:::(?<bucket>[a-z0-9.-]+)$/;

/**
 * Opens the embedded S3: contents below `folder`/objects, metadata in the engine, which must stay open until S3 is
 * closed.
 */
export async function openObjectStorage(options: {
  readonly engine: Engine;
  readonly metrics: MetricRegistry;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  readonly files?: Files;
  /** The same key as for encrypted streams. */
  readonly masterKey?: string | undefined;
  readonly masterKeyFile?: string | undefined;
}): Promise<ObjectStorage> {
  const { engine, metrics, folder, clock, log, region, accountId, files, masterKey, masterKeyFile } = options;
  const damaged = metrics.metric('Nagare/S3', 'DamagedReads', 'Count');
  const embedded = await openEmbeddedObjects({
    engine,
    onDamage: () => damaged.add(1),
    openKeys: () =>
      openKeyStore({ catalog: engine.catalog, folder: join(folder, 'keys'), masterKey, masterKeyFile }),
    folder: join(folder, 'objects'),
    clock,
    log,
    ...(files === undefined ? {} : { files }),
  });
  const context: S3Context = { ...embedded, region, accountId, clock };
  return {
    service: refusing(
      service('s3', modelIn(region), operations, context, s3Limits.objectRequestXmlBytesMax, {
        unsupported,
        // The policy in the form authorizes it.
        unsigned: ['PostObject'],
      }),
      context,
    ),
    store: new EmbeddedStore(embedded),
    declarer: bucketDeclarer(context),
    backup: (target, copyEngine) => backupObjects(embedded, join(target, 'objects'), copyEngine),
    async scrub(options) {
      const { report } = await checkObjects(embedded, { writesSums: true, ...options });
      damaged.add(report.findings.length);
      return report;
    },
    close: () => embedded.close(),
  };
}

/**
 * A client creates buckets in the region it is configured for, which may be missing from AWS's list (the isolated
 * regions). us-east-1 is expressed by no constraint, as on AWS.
 */
function modelIn(region: string): ServiceModel {
  const { BucketLocationConstraint: shape } = api.shapes;
  if (region === 'us-east-1' || shape.enum.includes(region)) return api;
  const withOwn = { ...shape, enum: [...shape.enum, region] };
  return { ...api, shapes: { ...api.shapes, BucketLocationConstraint: withOwn } };
}

/** Checks every call for unsupported options and an expired URL before its handler runs. */
function refusing(inner: Service, context: S3Context): Service {
  return {
    ...inner,
    checkBody,
    operation(name) {
      const operation = inner.operation(name);
      const http = inner.model.operations[name]?.http;
      if (typeof operation !== 'function' || http === undefined) return operation;
      return (input: never, call: CallContext) => {
        checkPresigned(call.http, context.clock.now());
        refuse(context, http, input, call.http.query);
        return operation(input, call);
      };
    },
  };
}

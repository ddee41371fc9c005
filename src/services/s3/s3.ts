import { join } from 'node:path';
import { s3Authorization } from './actions.ts';
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
import { audit } from './audit.ts';
import { bucketOfArn, policyInForce } from './bucket-policy.ts';
import { checkBody } from './body-sums.ts';
import type { S3Context } from './context.ts';
import { fencedFiles, type Files } from './embedded/files.ts';
import { backupObjects } from './embedded/backup.ts';
import { checkBucketName } from './embedded/buckets.ts';
import { describeContents } from './embedded/describe-records.ts';
import { checkObjects } from './embedded/check.ts';
import { openEmbeddedObjects } from './embedded/open.ts';
import { storedObjects } from './embedded/stored-objects.ts';
import { objectMoves } from './move-objects.ts';
import { EmbeddedStore } from './embedded-store.ts';
import type { ObjectStorage } from './object-storage.ts';
import { openOutsideStorage } from './outside-storage.ts';
import { RemoteStores } from './remote-store.ts';
import { ServiceError } from '../../errors.ts';
import { register } from '../registration.ts';
import { bucketDeclarer, bucketsSection } from './declared.ts';
import { operations } from './operations/index.ts';
import { tagsOfBuckets } from './tag-source.ts';
import { checkPresigned } from './presigned.ts';
import { refuse } from './unsupported-inputs.ts';
import { rewrapContentKeys } from './embedded/rewrap-keys.ts';

export const s3 = register({
  name: 's3',
  needs: [],
  offers: ['buckets'],
  declares: [bucketsSection],
  describeRecords: describeContents,
  storedFiles: storedObjects,
  moves: objectMoves,
  reseal: ({ engine }, keys) => rewrapContentKeys(engine, keys),
  async open({ config, targets, fence, resourcePolicies, ...context }) {
    const files = fencedFiles(fence);
    const { dataDir: folder, masterKey, masterKeyFile } = config;
    const objects =
      config.objectStore === undefined
        ? await openObjectStorage({ ...context, folder, files, masterKey, masterKeyFile })
        : await openOutsideStorage(config.objectStore, context);
    const remote = new RemoteStores(context.egress);
    const { store } = objects;
    context.taggedResources.register('s3', objects.tags);
    targets.register('s3', {
      accepts: (arn) => bucketArn.test(arn),
      needs(arn, event) {
        // As policies name it, whatever the partition that is written.
        const bucket = bucketArn.exec(arn)?.groups?.['bucket'] ?? '';
        return { action: 's3:PutObject', resource: `arn:aws:s3:::${bucket}/${event?.object?.key ?? '*'}` };
      },
      async deliver(arn, { object }) {
        const bucket = bucketArn.exec(arn)?.groups?.['bucket'] ?? '';
        if (object === undefined)
          throw new ServiceError('InvalidParameter', `${arn}: buckets accept only objects`);
        await store.put(bucket, object.key, Buffer.from(object.body), { condition: 'unconditional' });
      },
    });
    resourcePolicies.register('s3', objects.policies);
    return {
      service: objects.service,
      offers: {
        buckets: {
          store,
          elsewhere: objects.elsewhere,
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

/** A grantee's type is an attribute of its element, which the XML parser ignores; its members tell the type too. */
const model = {
  ...api,
  shapes: { ...api.shapes, Grantee: { ...api.shapes.Grantee, required: [] } },
} as const;

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
        audit,
        // The policy in the form authorizes it.
        unsigned: ['PostObject'],
        authorization: s3Authorization(context),
      }),
      context,
    ),
    store: new EmbeddedStore(embedded),
    declarer: bucketDeclarer(context),
    policies: { policyOf: (arn) => policyOf(context, arn) },
    tags: tagsOfBuckets(embedded.buckets),
    backup: (target, copyEngine) => backupObjects(embedded, join(target, 'objects'), copyEngine),
    async scrub(options) {
      const { report } = await checkObjects(embedded, { writesSums: true, ...options });
      damaged.add(report.findings.length);
      return report;
    },
    close: () => embedded.close(),
  };
}

function policyOf({ buckets, accountId }: S3Context, arn: string): string | undefined {
  const bucket = bucketOfArn(arn);
  const info = bucket === undefined ? undefined : buckets.get(bucket);
  return bucket === undefined ? undefined : info && policyInForce(info, bucket, accountId);
}

/**
 * A client creates buckets in the region it is configured for, which may be missing from AWS's list (the isolated
 * regions). us-east-1 is expressed by no constraint, as on AWS.
 */
function modelIn(region: string): ServiceModel {
  const { BucketLocationConstraint: shape } = model.shapes;
  if (region === 'us-east-1' || shape.enum.includes(region)) return model;
  const withOwn = { ...shape, enum: [...shape.enum, region] };
  return { ...model, shapes: { ...model.shapes, BucketLocationConstraint: withOwn } };
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

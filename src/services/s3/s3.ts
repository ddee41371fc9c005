import { join } from 'node:path';
import { limits } from '../../limits.ts';
import type { ServiceModel } from '../../protocol/model.ts';
import { service, type CallContext, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import absent from './absent.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import type { S3Context } from './context.ts';
import type { Files } from './embedded/files.ts';
import { backupObjects } from './embedded/backup.ts';
import { checkBucketName } from './embedded/buckets.ts';
import { openEmbeddedObjects } from './embedded/open.ts';
import { EmbeddedStore } from './embedded-store.ts';
import type { ObjectStore } from './object-store.ts';
import { operations } from './operations/index.ts';
import { refuse } from './unsupported-inputs.ts';

export interface ObjectStorage {
  readonly service: Service;
  /** The same objects for the parts of nagare that write them, without HTTP. */
  readonly store: ObjectStore;
  /** Throws InvalidBucketName. */
  checkBucketName(bucket: string): void;
  /** Copies all objects below `folder`/objects, while they are read and written; each as of one moment. */
  backup(folder: string): Promise<void>;
  /** Makes the last changes safe in files of their own. */
  close(): Promise<void>;
}

/** Opens the embedded S3; its objects lie below `folder`/objects. */
export async function openObjectStorage(options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  readonly files?: Files;
}): Promise<ObjectStorage> {
  const { folder, clock, log, region, accountId, files } = options;
  const embedded = await openEmbeddedObjects({
    folder: join(folder, 'objects'),
    clock,
    log,
    ...(files === undefined ? {} : { files }),
  });
  const context: S3Context = { ...embedded, region, accountId };
  return {
    service: refusing(
      service('s3', modelIn(region), operations, context, limits.objectRequestXmlBytesMax, { absent }),
      context,
    ),
    store: new EmbeddedStore(embedded),
    checkBucketName,
    backup: (target) => backupObjects(embedded, join(target, 'objects')),
    close: () => embedded.close(),
  };
}

/**
 * A client makes its buckets where it takes the server to be, which AWS's list may not have (its isolated regions).
 * us-east-1 is said by saying nothing, on AWS as well.
 */
function modelIn(region: string): ServiceModel {
  const { BucketLocationConstraint: shape } = api.shapes;
  if (region === 'us-east-1' || shape.enum.includes(region)) return api;
  const withOwn = { ...shape, enum: [...shape.enum, region] };
  return { ...api, shapes: { ...api.shapes, BucketLocationConstraint: withOwn } };
}

/** Looks at every call for what nagare does not have, before its handler does. */
function refusing(inner: Service, context: S3Context): Service {
  return {
    ...inner,
    operation(name) {
      const operation = inner.operation(name);
      if (typeof operation !== 'function') return operation;
      return (input: never, call: CallContext) => {
        refuse(context, input, call.http.query);
        return operation(input, call);
      };
    },
  };
}

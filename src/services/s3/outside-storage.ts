import type { ObjectStoreSettings } from '../../config/object-store.ts';
import type { Engine } from '../../engine/engine.ts';
import type { PlanStep } from '../../declarations/plan.ts';
import { DeclarationError, ServiceError, UserError } from '../../errors.ts';
import { type OperationTable, service } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import { bucketsSection } from './declared.ts';
import { checkBucketName } from './embedded/buckets.ts';
import { ObjectIndex } from './embedded/object-index.ts';
import { permanentRedirect } from './errors.ts';
import { s3Limits } from './limits.ts';
import type { ObjectStorage } from './object-storage.ts';
import type { ObjectStore } from './object-store.ts';
import { OutsideObjects } from './outside-objects.ts';
import { openRemoteStore } from './remote-store.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/**
 * The objects are in another S3: list logs, deliveries and functions use it, and clients are redirected there. The store
 * has the buckets' policies, tags and backups too.
 */
export async function openOutsideStorage(
  settings: ObjectStoreSettings,
  { engine }: { readonly engine: Engine },
): Promise<ObjectStorage> {
  const { endpoint, region, key } = settings;
  refuseOwnBuckets(engine);
  const store = await openRemoteStore({
    endpoint,
    region,
    ...(key !== undefined && { credentials: key }),
  });
  const elsewhere = await OutsideObjects.open(settings);
  return {
    elsewhere,
    service: service('s3', api, redirects(endpoint), undefined, s3Limits.objectRequestXmlBytesMax, {
      unsupported,
      authorization: undefined,
    }),
    store,
    declarer: {
      plan: (declarations) =>
        declarations.entries(bucketsSection).map(({ name, path, value }) => ({
          resource: ['buckets', name],
          path,
          check() {
            checkBucketName(name);
            if (value.policy !== undefined) throw policyElsewhere(path, endpoint);
            return planBucket(store, name);
          },
        })),
      describe: () => ({ sections: {}, imports: [], undeclared: [] }),
      find: () => undefined,
    },
    policies: { policyOf: () => undefined },
    tags: { resources: () => [], change: () => Promise.reject(permanentRedirect(endpoint)) },
    backup: (_folder, copyEngine) => copyEngine(),
    scrub: () => Promise.resolve({ checked: [], findings: [] }),
    close() {
      store.close();
      elsewhere.close();
      return Promise.resolve();
    },
  };
}

function redirects(endpoint: string): OperationTable<undefined, string> {
  const redirect = (): never => {
    throw permanentRedirect(endpoint);
  };
  return Object.fromEntries(Object.keys(api.operations).map((name) => [name, redirect]));
}

async function planBucket(store: ObjectStore, name: string): Promise<PlanStep> {
  try {
    // Only a missing bucket is an error; whether it has this object does not matter.
    await store.head(name, 'nagare');
    return { action: 'leave', apply: () => Promise.resolve() };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'NoSuchBucket') throw error;
    return { action: 'create', apply: () => store.createBucket(name) };
  }
}

function policyElsewhere(path: string, endpoint: string): DeclarationError {
  return new DeclarationError(`${path}.policy: buckets are in ${endpoint}, which has their policies`);
}

/** They would no longer be reachable. */
function refuseOwnBuckets(engine: Engine): void {
  const names = [...new ObjectIndex(engine).buckets()].map(([name]) => name);
  if (names.length === 0) return;
  throw new ObjectStoreError(
    `The data folder has buckets (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}), which --s3-endpoint would hide. ` +
      'Copy them to the other S3 and delete them, or start without --s3-endpoint.',
  );
}

/** The setting does not fit the data folder. */
export class ObjectStoreError extends UserError {
  override readonly name = 'ObjectStoreError';
}

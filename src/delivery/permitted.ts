import { AlreadyLoggedError } from '../consumers/batch.ts';
import { guardedSource } from '../consumers/guarded-source.ts';
import type { StreamSource } from '../consumers/source.ts';
import type { Functions } from '../services/lambda/functions.ts';
import type { ObjectStore } from '../services/s3/object-store.ts';
import type { IcebergTables, TableTarget } from './iceberg/tables.ts';

/** Throws ServiceError if the action may not be done on the resource now. */
export type Ask = (action: string, resource: string) => Promise<void>;

/** What reading a stream needs, the last one for each read. */
export const streamActions = [
  'kinesis:DescribeStream',
  'kinesis:GetShardIterator',
  'kinesis:GetRecords',
] as const;

/** The streams as a role may read them; `onAsked` learns why it may not, or nothing if it may. */
export function permittedStreams(
  streams: StreamSource,
  streamArn: string,
  ask: Ask,
  onAsked: (refusal: string | undefined) => void,
): StreamSource {
  const askFor = async (actions: readonly string[]): Promise<void> => {
    try {
      for (const action of actions) await ask(action, streamArn);
    } catch (error) {
      onAsked(error instanceof Error ? error.message : String(error));
      throw new AlreadyLoggedError('the source may not be read', { cause: error });
    }
    onAsked(undefined);
  };
  return guardedSource(streams, {
    open: () => askFor(streamActions),
    read: () => askFor(streamActions.slice(-1)),
  });
}

/** The store as a role may write to it. What deliveries read is what they wrote, to recognize it. */
export function permittedStore(store: ObjectStore, ask: Ask): ObjectStore {
  return {
    appendMinBytes: store.appendMinBytes,
    metadataBytesMax: store.metadataBytesMax,
    head: (bucket, key) => store.head(bucket, key),
    get: (bucket, key, options) => store.get(bucket, key, options),
    async put(bucket, key, body, options) {
      await ask('s3:PutObject', `arn:aws:s3:::${bucket}/${key}`);
      return await store.put(bucket, key, body, options);
    },
    async append(bucket, key, base, body, options) {
      await ask('s3:PutObject', `arn:aws:s3:::${bucket}/${key}`);
      return await store.append(bucket, key, base, body, options);
    },
    probe: (bucket) => store.probe(bucket),
    createBucket: (bucket) => store.createBucket(bucket),
  };
}

type InvokedFunctions = Pick<Functions, 'invoke' | 'describe'>;

/** The functions as a role may invoke them. */
export function permittedFunctions(functions: InvokedFunctions, ask: Ask): InvokedFunctions {
  return {
    describe: (name) => functions.describe(name),
    async invoke(name, payload, options) {
      // As policies name it: the configuration may have written it in several ways.
      await ask('lambda:InvokeFunction', functions.describe(name)?.qualifiedArn ?? name);
      return await functions.invoke(name, payload, options);
    },
  };
}

type AppendedTables = Pick<IcebergTables, 'append' | 'settings'>;

/** The tables as a role may append to them. */
export function permittedTables(
  tables: AppendedTables,
  needs: (target: TableTarget) => readonly (readonly [action: string, resource: string])[],
  ask: Ask,
): AppendedTables {
  return {
    settings: (catalogArn) => tables.settings(catalogArn),
    async append(target, range, records, signal) {
      for (const [action, resource] of needs(target)) await ask(action, resource);
      return await tables.append(target, range, records, signal);
    },
  };
}

import { section } from '../../config/declarations.ts';
import { described, required, text, type ValueOf } from '../../config/yaml-reader.ts';
import { ModelInput } from '../../declarations/model-reader.ts';
import type { Declarer } from '../../declarations/plan.ts';
import type { CreateListLogInput } from './api-types.ts';
import api from './api.json' with { type: 'json' };
import { describeListLogs } from './description.ts';
import { invalidParameter } from './errors.ts';
import type { ListLogs, NewListLog } from './list-logs.ts';
import { newListLog } from './new-list-log.ts';

const listLogInput = new ModelInput<CreateListLogInput>(api, 'CreateListLogInput');

const listLog = listLogInput.reader({
  members: ['Endpoint', 'Format', 'Region', 'StartingPosition', 'StartingPositionTimestamp', 'TimeZone'],
  own: {
    stream: required(described('Name or ARN of the stream', text())),
    bucket: required(described('Bucket of the object', text())),
    key: required(described('Key of the object', text())),
  },
});

export const listLogsSection = section('listLogs', listLog);

type DeclaredListLog = ValueOf<typeof listLog>;

/** Declares the list logs of `nagare.yaml`. `checkBucket` throws ServiceError for invalid bucket names. */
export function listLogDeclarer(listLogs: ListLogs, checkBucket: (name: string) => void): Declarer {
  return {
    plan(declarations) {
      const entries = declarations.entries(listLogsSection);
      return entries.map(({ name, path, value }) => ({
        resource: ['listLogs', name],
        path,
        readsStreams: true,
        check() {
          if (value.input.Endpoint === undefined) checkBucket(value.own.bucket);
          const declared = declaredListLog(name, value);
          const others = entries.filter((other) => other.name !== name);
          const targets = others.map((other) => ({
            name: other.name,
            bucket: other.value.own.bucket,
            key: other.value.own.key,
            endpoint: other.value.input.Endpoint,
          }));
          return { ...listLogs.check(declared, targets), apply: () => listLogs.declare(declared) };
        },
      }));
    },
    describe: () => describeListLogs(listLogs.list()),
    find: ([, name = '']) => (listLogs.has(name) ? { remove: () => listLogs.delete(name) } : undefined),
  };
}

/**
 * Checks a declaration as the API would, because it does not pass through the API. Throws
 * InvalidParameterValueException.
 */
function declaredListLog(name: string, { input, own }: DeclaredListLog): NewListLog {
  const request: CreateListLogInput = {
    ...input,
    ListLogName: name,
    Stream: own.stream,
    Bucket: own.bucket,
    Key: own.key,
  };
  const violations = listLogInput.violations(request);
  if (violations !== undefined) throw invalidParameter(violations);
  return newListLog(request);
}

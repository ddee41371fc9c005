import { limits } from '../limits.ts';
import { service, type Service } from '../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import { DEFAULT_LINE_FORMAT } from './line-format.ts';
import { ListLogs, type ListLogsOptions, type NewListLog } from './list-logs.ts';
import { operations } from './operations/index.ts';

/** What nagare.yaml says of a list log. */
export interface ListLogDeclaration {
  readonly stream: string;
  readonly bucket: string;
  readonly key: string;
  readonly format?: string | undefined;
  readonly timeZone?: string | undefined;
  /** Of another S3. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}

export interface ListLogService {
  readonly service: Service;
  /** Of a declaration, before any is carried out; `others` are declared as well. Throws ServiceError. */
  checkListLog(
    name: string,
    declaration: ListLogDeclaration,
    others: Readonly<Record<string, ListLogDeclaration>>,
  ): void;
  /** Makes the list log, or gives one that has the same target the declared format. Throws ServiceError. */
  declareListLog(name: string, declaration: ListLogDeclaration): Promise<void>;
  /** Stops reading, and waits for the writes under way. */
  close(): Promise<void>;
}

/** Opens the list logs, and puts those to work that were made before. */
export function openListLogs(options: ListLogsOptions): ListLogService {
  const listLogs = new ListLogs(options);
  listLogs.start();
  return {
    service: service('listlog', api, operations, listLogs, limits.listLogRequestBytesMax),
    checkListLog: (name, declaration, others) =>
      listLogs.check(
        newListLog(name, declaration),
        Object.entries(others).map(([other, declared]) => newListLog(other, declared)),
      ),
    declareListLog: (name, declaration) => listLogs.declare(newListLog(name, declaration)),
    close: () => listLogs.close(),
  };
}

function newListLog(
  name: string,
  { stream, bucket, key, format, timeZone, endpoint, region }: ListLogDeclaration,
): NewListLog {
  return {
    name,
    stream,
    bucket,
    key,
    format: format ?? DEFAULT_LINE_FORMAT,
    timeZone: timeZone ?? 'UTC',
    startingPosition: { type: 'TRIM_HORIZON' },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
}

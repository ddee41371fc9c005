import { compileValidator } from '../../protocol/validation.ts';
import type { CreateListLogInput } from './api-types.ts';
import api from './api.json' with { type: 'json' };
import { invalidParameter } from './errors.ts';
import type { NewListLog } from './list-logs.ts';
import { newListLog } from './new-list-log.ts';

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

const violationsOf = compileValidator(api, 'CreateListLogInput');

/** It comes past the API, and is checked as it would check it. Throws InvalidParameterValueException. */
export function declaredListLog(name: string, declared: ListLogDeclaration): NewListLog {
  const input: CreateListLogInput = {
    ListLogName: name,
    Stream: declared.stream,
    Bucket: declared.bucket,
    Key: declared.key,
    ...(declared.format === undefined ? {} : { Format: declared.format }),
    ...(declared.timeZone === undefined ? {} : { TimeZone: declared.timeZone }),
    ...(declared.endpoint === undefined ? {} : { Endpoint: declared.endpoint }),
    ...(declared.region === undefined ? {} : { Region: declared.region }),
  };
  const violations = violationsOf(input);
  if (violations !== undefined) throw invalidParameter(violations);
  return newListLog(input);
}

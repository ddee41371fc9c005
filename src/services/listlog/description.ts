import { compact, type Description } from '../../declarations/description.ts';
import type { ListLogRow } from './rows.ts';

/** All list logs. Terraform has no resource for them. */
export function describeListLogs(rows: readonly ListLogRow[]): Description {
  return {
    sections: { listLogs: Object.fromEntries(rows.map((row) => [row.name, declaredListLog(row)])) },
    imports: [],
    undeclared: [],
  };
}

function declaredListLog(row: ListLogRow): Record<string, unknown> {
  const { startingPosition: start } = row;
  return compact({
    stream: row.stream,
    bucket: row.bucket,
    key: row.key,
    format: row.format,
    timeZone: row.timeZone,
    startingPosition: start.type,
    startingPositionTimestamp:
      start.type === 'AT_TIMESTAMP' ? new Date(start.timestampMs).toISOString() : undefined,
    endpoint: row.endpoint,
    region: row.region,
  });
}

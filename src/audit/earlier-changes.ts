import { open } from 'node:fs/promises';
import { auditLimits } from './limits.ts';
import { type RecentChange, resourceIn, shortened } from './recent-changes.ts';

/** A line of the audit file, as far as a change is made of it; the file may have been written by anybody. */
interface Line {
  readonly eventTime?: unknown;
  readonly eventSource?: unknown;
  readonly eventName?: unknown;
  readonly readOnly?: unknown;
  readonly eventCategory?: unknown;
  readonly eventType?: unknown;
  readonly userIdentity?: { readonly arn?: unknown; readonly accessKeyId?: unknown } | null;
  readonly sourceIPAddress?: unknown;
  readonly userAgent?: unknown;
  readonly requestParameters?: unknown;
  readonly errorCode?: unknown;
  readonly errorMessage?: unknown;
  readonly requestID?: unknown;
}

/**
 * The last changes of resources in an audit file that were made before a time, the oldest first. Rejects with the system's
 * error.
 */
export async function earlierChanges(path: string, beforeMs: number): Promise<Omit<RecentChange, 'id'>[]> {
  const lines = (await endOf(path)).split('\n').toReversed();
  const found: Omit<RecentChange, 'id'>[] = [];
  for (const line of lines) {
    const change = changeIn(line);
    if (change === undefined || change.timeMs >= beforeMs) continue;
    found.push(change);
    if (found.length >= auditLimits.recentChangesMax) break;
  }
  return found.toReversed();
}

/** From the first whole line on. */
async function endOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, auditLimits.earlierBytesMax);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.toString('utf8', 0, bytesRead);
    return length < size ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await file.close();
  }
}

/** Undefined for a read, for data, for what is no request, and for a line that was cut off. */
function changeIn(text: string): Omit<RecentChange, 'id'> | undefined {
  let line: Line | null;
  try {
    line = JSON.parse(text) as Line | null; // checked below
  } catch {
    return undefined;
  }
  const timeMs = Date.parse(textOf(line?.eventTime));
  if (line === null || Number.isNaN(timeMs) || line.readOnly !== false) return undefined;
  if (line.eventCategory !== 'Management' || line.eventType !== 'AwsApiCall') return undefined;
  const { requestParameters: given, userIdentity } = line;
  const parameters = typeof given === 'object' && given !== null ? given : {};
  const code = textOf(line.errorCode);
  return {
    timeMs,
    who: textOf(userIdentity?.arn) || textOf(userIdentity?.accessKeyId),
    via: 'audit log',
    address: textOf(line.sourceIPAddress),
    userAgent: textOf(line.userAgent),
    operation: `${textOf(line.eventSource).replace(/\.amazonaws\.com$/, '')}:${textOf(line.eventName)}`,
    resource: resourceIn(parameters),
    parameters: shortened(JSON.stringify(parameters), auditLimits.recentParametersCharactersMax),
    error: code === '' ? undefined : { code, message: textOf(line.errorMessage) },
    requestId: textOf(line.requestID),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

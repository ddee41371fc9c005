import type { LogsContext } from './context.ts';
import { groupMissing, groupNotFound, groupTwice, invalidToken } from './errors.ts';
import type { LogGroup, LogPosition } from './log-group.ts';

/**
 * Finds the group that a request names, by name or ARN. Throws ResourceNotFoundException, InvalidParameterException.
 */
export function groupOf(
  { logs }: LogsContext,
  {
    logGroupName: name,
    logGroupIdentifier: identifier,
  }: { logGroupName?: string; logGroupIdentifier?: string },
): LogGroup {
  if (name !== undefined && identifier !== undefined) throw groupTwice();
  const given =
    name ?? identifier?.replace(/^arn:[^:]*:logs:[^:]*:\d{12}:log-group:/, '').replace(/:\*$/, '');
  if (given === undefined) throw groupMissing();
  const group = logs.find(given);
  if (group === undefined) throw groupNotFound();
  return group;
}

/** Page tokens and event ids are positions in the group. */
export function tokenOf({ segment, offset }: LogPosition): string {
  return Buffer.from(`${segment}:${offset}`).toString('base64url');
}

export function parseToken(token: string): LogPosition {
  const match = /^(\d{1,8}):(\d{1,10})$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw invalidToken();
  return { segment: Number(match[1]), offset: Number(match[2]) };
}

/** 56 digits, as AWS's; they sort in the order of the events. */
export function eventId({ segment, offset }: LogPosition): string {
  return String(segment).padStart(28, '0') + String(offset).padStart(28, '0');
}

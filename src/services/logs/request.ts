import { formatArn } from '../../aws/arn.ts';
import type { LogsReads } from './context.ts';
import { groupMissing, groupNotFound, groupTwice, invalidParameter, invalidToken } from './errors.ts';
import type { GroupReads } from './group-reads.ts';
import type { LogOrder, LogPosition } from './log-events.ts';
import type { LogList } from './log-list.ts';

export interface GroupInput {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
}

/** The name of the group that a request names, by name or ARN. Throws InvalidParameterException. */
export function nameIn({
  logGroupName: name,
  logGroupIdentifier: identifier,
}: GroupInput): string | undefined {
  if (name !== undefined && identifier !== undefined) throw groupTwice();
  return name ?? (identifier === undefined ? undefined : groupNameOf(identifier));
}

/**
 * Finds the group that a request names, by name or ARN. Throws ResourceNotFoundException, InvalidParameterException.
 */
export async function groupOf<Group extends GroupReads>(
  { logs }: { readonly logs: LogList<Group> },
  input: GroupInput,
): Promise<Group> {
  const given = nameIn(input);
  if (given === undefined) throw groupMissing();
  await logs.settled(given);
  const group = logs.find(given);
  if (group === undefined) throw groupNotFound();
  return group;
}

/** The name in an identifier of a group: its ARN, which may end with `:*`, or the name itself. */
export function groupNameOf(identifier: string): string {
  return identifier.replace(/^arn:[^:]*:logs:[^:]*:\d{12}:log-group:/, '').replace(/:\*$/, '');
}

/** The name of the group whose ARN it is. Throws InvalidParameterException. */
export function groupNameOfArn(arn: string): string {
  const name = groupNameOf(arn);
  if (name === arn || name.includes(':')) {
    throw invalidParameter(`The specified resource ARN is invalid: ${arn}; nagare tags log groups only.`);
  }
  return name;
}

export function groupArn(context: LogsReads, name: string): string {
  return formatArn('logs', context, `log-group:${name}`);
}

/** Page tokens are the place of an event in the order of its group. */
export function tokenOf({ timestampMs, segment, offset }: LogOrder): string {
  return Buffer.from(`${timestampMs}:${segment}:${offset}`).toString('base64url');
}

export function parseToken(token: string): LogOrder {
  const match = /^(\d{1,16}):(\d{1,8}):(\d{1,10})$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw invalidToken();
  return { timestampMs: Number(match[1]), segment: Number(match[2]), offset: Number(match[3]) };
}

/** 56 digits, as AWS's; they sort in the order in which the events arrived. */
export function eventId({ segment, offset }: LogPosition): string {
  return String(segment).padStart(28, '0') + String(offset).padStart(28, '0');
}

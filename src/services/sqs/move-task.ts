import { invalidParameter } from './errors.ts';

/** A move of the messages of a queue; the key is the queue's ARN, the time and the id. */
export interface MoveTask {
  readonly id: string;
  readonly sourceArn: string;
  /** Absent when each message goes back to where it came from. */
  readonly destinationArn?: string;
  readonly perSecond?: number;
  readonly startedMs: number;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly moved: number;
  readonly toMove: number;
  readonly failureReason?: string;
}

/** Of the keys of the moves of a queue. */
export function prefixOf(sourceArn: string): string {
  return `${sourceArn} `;
}

export function keyOf({ sourceArn, startedMs, id }: MoveTask): string {
  return `${prefixOf(sourceArn)}${String(startedMs).padStart(16, '0')} ${id}`;
}

export function handleOf({ id, sourceArn }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');
}

/** Throws InvalidParameterValue. */
export function parseHandle(handle: string): { readonly taskId: string; readonly sourceArn: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(handle, 'base64').toString());
    const { taskId, sourceArn } = { ...(value as object) } as Record<string, unknown>;
    if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn };
  } catch {
    // Not JSON: refused below.
  }
  throw invalidParameter('Value for parameter TaskHandle is invalid.');
}

import { isDeepStrictEqual } from 'node:util';
import type { ServiceError } from '../../../errors.ts';
import { consumerNotFound, streamNotFound } from './errors.ts';
import type { MappingRow, MappingState, StreamMappingRow } from './mapping-row.ts';

/** Whether they connect the same source to the same function. */
export function isSamePair(left: MappingRow, right: MappingRow): boolean {
  return left.sourceArn === right.sourceArn && left.functionArn === right.functionArn;
}

type Changeable = Pick<MappingRow, 'enabled' | 'options'>;

/** The fields of a mapping that a declaration can change. */
export function compared(before: Changeable, after: Changeable) {
  const names = new Set([...Object.keys(before.options), ...Object.keys(after.options)]);
  const [left, right]: Readonly<Record<string, unknown>>[] = [{ ...before.options }, { ...after.options }];
  const options = [...names].map((name) => [name, [left?.[name], right?.[name]] as const] as const);
  return {
    pairs: { enabled: [before.enabled, after.enabled] as const, ...Object.fromEntries(options) },
    isSame: before.enabled === after.enabled && isDeepStrictEqual(before.options, after.options),
  };
}

/** The state of a mapping while the change takes effect. */
export function transitionBetween(before: MappingRow, after: MappingRow): MappingState {
  if (before.enabled === after.enabled) return 'Updating';
  return after.enabled ? 'Enabling' : 'Disabling';
}

/** The error for a source that does not exist. */
export function sourceNotFound({ sourceArn, streamArn }: StreamMappingRow): ServiceError {
  return sourceArn === streamArn ? streamNotFound(sourceArn) : consumerNotFound(sourceArn);
}

import type { DescribeRecords } from '../engine/engine.ts';
import { registrations } from '../services/index.ts';
import type { AnyRegistration } from './open-services.ts';

/** Describes records of a log to a user: each service knows its own logs. */
export const describeRecords: DescribeRecords = (catalog, records) => {
  for (const service of registrations as readonly AnyRegistration[]) {
    const subject = service.describeRecords?.(catalog, records);
    if (subject !== undefined) return subject;
  }
  return undefined;
};

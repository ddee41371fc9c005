import { randomUUID } from 'node:crypto';
import type { FunctionRow } from '../function-definition.ts';
import { contentHash, type VersionRow } from './version-row.ts';

export interface PublishOptions {
  /** Replaces the function's description in the version. */
  readonly description?: string | undefined;
  readonly nowMs: number;
}

/** The rows to store when a version is published. */
export interface Published {
  readonly latest: FunctionRow;
  readonly version: VersionRow;
}

/** Whether the last published version is what the function is now. */
export function isPublished(row: FunctionRow): boolean {
  return row.publishedContent === contentHash(row);
}

/** Publishes what $LATEST is: the next number, which is never used again, and an immutable copy of the row. */
export function publishedFrom(row: FunctionRow, { description, nowMs }: PublishOptions): Published {
  const { lastVersion = 0, publishedContent: _, reservedConcurrency: __, ...rest } = row;
  return {
    latest: {
      ...row,
      lastVersion: lastVersion + 1,
      publishedContent: contentHash(row),
      revisionId: randomUUID(),
    },
    version: {
      ...rest,
      version: String(lastVersion + 1),
      description: description ?? row.description,
      revisionId: randomUUID(),
      lastModifiedMs: nowMs,
      tags: {},
    },
  };
}

import { createHash } from 'node:crypto';
import type { FunctionRow } from '../function-definition.ts';

export const LATEST = '$LATEST';

/** A row of the table `lambda.versions`: a published version, which never changes. Tags belong to the function. */
export interface VersionRow extends FunctionRow {
  readonly version: string;
}

const DIGITS = 15;

/** The key of a version, so that keys are in the order of the numbers. Names of functions contain no colon. */
export function versionKey(name: string, version: string): string {
  return `${versionPrefix(name)}${version.padStart(DIGITS, '0')}`;
}

/** The beginning of the keys of a function's versions and aliases. */
export function versionPrefix(name: string): string {
  return `${name}:`;
}

export function isVersionNumber(qualifier: string): boolean {
  return /^[0-9]{1,15}$/.test(qualifier);
}

/** What PublishVersion compares to find out whether there is anything new to publish: code and configuration. */
export function contentHash(row: FunctionRow): string {
  const {
    revisionId: _,
    lastModifiedMs: __,
    tags: ___,
    lastVersion: ____,
    publishedContent: _____,
    reservedConcurrency: ______,
    ...content
  } = row;
  const ordered = Object.entries(content).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(ordered)).digest('base64');
}

/** Orders definitions by name, then $LATEST, then the versions. */
export function definitionKey({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string;
}): string {
  return `${name}\0${version === LATEST ? '' : version.padStart(DIGITS, '0')}`;
}

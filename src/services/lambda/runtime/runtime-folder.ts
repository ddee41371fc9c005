import { join } from 'node:path';
import type { Log } from '../../../support/log.ts';
import type { Isolation } from '../isolation/isolation.ts';
import { namesIn } from './families/family.ts';
import { familyOf } from './families/index.ts';

/** The folder of a runtime in the runtime folder, or that of its language; undefined when it has neither. */
export function clientFolderOf(runtimeFolder: string | undefined, runtime: string): string | undefined {
  if (runtimeFolder === undefined) return undefined;
  const present = namesIn(runtimeFolder);
  const name = [runtime, familyOf(runtime)?.name ?? runtime].find((candidate) => present.includes(candidate));
  return name === undefined ? undefined : join(runtimeFolder, name);
}

/** The folder may be filled later, so that these are not errors. */
export function warnOfRuntimeFolder(folder: string | undefined, isolation: Isolation, log: Log): void {
  if (folder === undefined) return;
  if (namesIn(folder).length === 0) log.warn({ folder }, 'the runtime folder is empty or cannot be read');
  else if (!isolation.reaches(folder)) {
    log.warn({ folder }, 'functions run as another user, who cannot enter the runtime folder');
  }
}

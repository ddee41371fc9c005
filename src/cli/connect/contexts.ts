import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode, reasonOf } from '../../support/errno.ts';
import { CommandError, type Terminal } from '../terminal.ts';

/** A server under a name. It has no secrets: they are in the profile, or in the environment. */
export interface Context {
  readonly endpointUrl?: string;
  readonly region?: string;
  /** Of the AWS CLI. */
  readonly profile?: string;
  /** The file of the certificate that the commands show, and that of its key. */
  readonly clientCert?: string;
  readonly clientKey?: string;
}

export interface Contexts {
  readonly current?: string;
  readonly contexts: Readonly<Record<string, Context>>;
}

const NONE: Contexts = { contexts: {} };

/** Where contexts are kept. Undefined if the user has no home. */
export function contextsFile({
  XDG_CONFIG_HOME: config,
  HOME: home,
}: Terminal['environment']): string | undefined {
  if (config !== undefined && config !== '') return join(config, 'nagare', 'contexts.json');
  return home === undefined ? undefined : join(home, '.config', 'nagare', 'contexts.json');
}

/** Rejects with CommandError if the file cannot be read. */
export async function readContexts(environment: Terminal['environment']): Promise<Contexts> {
  const path = contextsFile(environment);
  if (path === undefined) return NONE;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return NONE;
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  try {
    // Written by `writeContexts`.
    return { ...NONE, ...(JSON.parse(text) as Contexts) };
  } catch {
    throw new CommandError(`${path} is not JSON`, { remedy: `rm ${path}` });
  }
}

export async function writeContexts(environment: Terminal['environment'], contexts: Contexts): Promise<void> {
  const path = contextsFile(environment);
  if (path === undefined) throw new CommandError('there is no folder for contexts: HOME is not set');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

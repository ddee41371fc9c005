import { readFile } from 'node:fs/promises';
import { reasonOf } from '../support/errno.ts';

const TOKEN = /^[\x21-\x7e]{16,512}$/;

export interface MetricsToken {
  readonly token: string;
  /** The absolute path that it was read from. */
  readonly file: string;
}

/** Reads a token from a file. Undefined, with a problem, if there is none; problems never contain the token. */
export async function readToken(
  path: string,
  origin: string,
  problems: string[],
): Promise<MetricsToken | undefined> {
  let token: string;
  try {
    token = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    problems.push(`${origin}: cannot read ${path}: ${reasonOf(error)}`);
    return undefined;
  }
  if (TOKEN.test(token)) return { token, file: path };
  problems.push(`${path} must have 16 to 512 characters without blanks (openssl rand -base64 30)`);
  return undefined;
}

import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The version of nagare. It is read once, because file handles may run out later. */
export function version(): string {
  return (known ??= readVersion());
}

/** package.json is two folders up, in the repository as well as in the package. */
function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version);
  throw new Error('package.json has no version');
}

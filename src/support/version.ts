import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The version of nagare, read once: later there may be no file handle left. */
export function version(): string {
  return (known ??= readVersion());
}

/** package.json lies two folders up both in the repository and in the package. */
function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version);
  throw new Error('package.json has no version');
}

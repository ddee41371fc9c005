import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';

/** Bytes that belong to their name alone: other bytes cannot pass for them. */
export function contentOf(name: string, bytes: number): Buffer {
  const unit = `${createHash('sha256').update(name).digest('base64')} of ${name}\n`;
  return Buffer.alloc(bytes, unit);
}

/** The text of a record: its voice and number, and as many bytes as they ask for. */
export function recordOf(key: string, n: number): string {
  const hash = createHash('md5').update(`${key} ${n}`).digest('hex');
  return JSON.stringify({ key, n, padding: hash.repeat(1 + (n % 40)) });
}

/** An object of so many bytes by its version: `version` is what its metadata says. */
export function objectOf(key: string, version: string): Buffer {
  return contentOf(`${key} ${version}`, Number(version.split('/')[1]));
}

/** Answers with its version and the hash of the very file that runs. */
function codeOf(version: string): string {
  return `// ${'padding '.repeat(50)}
const hash = require('node:crypto').createHash('sha256');
hash.update(require('node:fs').readFileSync(__filename));
const answer = ${JSON.stringify(version)} + ' ' + hash.digest('hex');
exports.handler = async () => answer;
`;
}

export function answerOf(version: string): string {
  return `${version} ${createHash('sha256').update(codeOf(version)).digest('hex')}`;
}

export function functionZip(version: string): Uint8Array {
  // The same bytes for the same version.
  return zipSync({ 'index.js': Buffer.from(codeOf(version)) }, { mtime: new Date(2020, 1, 1) });
}

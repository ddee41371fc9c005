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

export function functionZip(version: string): Uint8Array {
  const code = `// ${'padding '.repeat(50)}\nexports.handler = async () => ${JSON.stringify(version)};\n`;
  // The same bytes for the same version.
  return zipSync({ 'index.js': Buffer.from(code) }, { mtime: new Date(2020, 1, 1) });
}

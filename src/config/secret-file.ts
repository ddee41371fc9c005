import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configLimits } from './limits.ts';
import { credentialNamed } from './key-pair.ts';

interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}

/**
 * Reads a secret whenever it is asked for, so that a renewed one needs no restart: from a file, or from the systemd
 * credential of that name. White space around it does not count.
 */
export function secretIn(file: string, sources: Sources): () => Promise<string> {
  const path = credentialNamed(file, sources) ?? resolve(sources.workingFolder, file);
  return async () => {
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(configLimits.secretBytesMax);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.toString('utf8', 0, bytesRead).trim();
    } finally {
      await handle.close();
    }
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';
import { programPath, searchPath } from './tools.ts';

const script = fileURLToPath(new URL('forked-tools.py', import.meta.url));

export interface ForkedTools {
  /** A PATH on which `aws` and `python3` are those. */
  readonly path: string;
  close(): Promise<void>;
}

/** The AWS CLI and Python for many short runs: their modules are loaded once (forked-tools.py). */
export async function startForkedTools(): Promise<ForkedTools> {
  const folder = await temporaryFolder();
  const child = spawn(programPath('python3') ?? 'python3', [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${script} has ended`)));
  ended.catch(() => undefined);
  const [port] = await Promise.race([
    once(createInterface(child.stdout), 'line') as Promise<[string]>,
    ended,
  ]);
  // In place of the program; the answer begins with its exit code and the length of its error output.
  const shim = `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
echo $$ >&3
read -r code bytes <&3 || exit 255
head -c "$bytes" <&3 >&2
cat <&3
exit "$code"
`;
  for (const name of ['aws', 'python3']) {
    await writeFile(join(folder, name), shim);
    await chmod(join(folder, name), 0o755);
  }
  return {
    path: [folder, searchPath].join(delimiter),
    async close() {
      child.kill();
      await ended.catch(() => undefined);
      await removeFolder(folder);
    },
  };
}

// Installs what only the benchmarks need (bench/package-lock.json), when it is not there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
if (
  !['kinesalite', 'kinesis-local', '@michaelhomer/jqjs'].every((name) =>
    existsSync(join(folder, 'node_modules', name)),
  )
) {
  process.stderr.write('installing what the benchmarks compare with (once; npm ci in bench/)\n');
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

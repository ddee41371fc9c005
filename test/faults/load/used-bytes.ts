import type { ServerProcess, SpawnOptions } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { REPORT } from './report-memory.ts';

const reporting = new URL('report-memory.ts', import.meta.url).href;

/** How to start a server that tells what it has in use. */
export const reportsMemory: SpawnOptions = {
  args: ['--log-level', 'warn'],
  env: { NODE_OPTIONS: `--expose-gc --import=${reporting}` },
};

/** What a server has in use after a garbage collection. */
export async function usedBytesOf(server: ServerProcess): Promise<number> {
  const before = server.output.length;
  process.kill(server.pid, 'SIGUSR2');
  const report = new RegExp(`${REPORT} (\\d+)\n`);
  return Number(await until(() => report.exec(server.output.slice(before))?.[1], { what: REPORT }));
}

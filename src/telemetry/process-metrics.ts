import { readdir } from 'node:fs/promises';
import { version } from '../support/version.ts';
import type { OwnMetric } from './grouped.ts';

/** The process, under the names that all Prometheus clients use. */
export async function processMetrics(): Promise<OwnMetric[]> {
  const { user, system } = process.cpuUsage();
  const { active, idle } = performance.eventLoopUtilization();
  return [
    one('nagare_build_info', 'gauge', 'The version of nagare', 1, { version: version() }),
    one('process_cpu_seconds', 'counter', 'Processor time of the process', (user + system) / 1e6),
    one('process_resident_memory_bytes', 'gauge', 'Resident memory', process.memoryUsage.rss()),
    one('process_start_time_seconds', 'gauge', 'Start of the process', performance.timeOrigin / 1000),
    ...(await openFiles()),
    one('nagare_event_loop_active_seconds', 'counter', 'How long the event loop was busy', active / 1000),
    one('nagare_event_loop_idle_seconds', 'counter', 'How long the event loop waited', idle / 1000),
  ];
}

/** Nothing where the system does not say. */
async function openFiles(): Promise<OwnMetric[]> {
  try {
    const open = (await readdir('/proc/self/fd')).length;
    return [one('process_open_fds', 'gauge', 'Open file descriptors', open)];
  } catch {
    return [];
  }
}

function one(
  name: string,
  kind: OwnMetric['kind'],
  help: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): OwnMetric {
  return { name, kind, help, values: [{ labels, value }] };
}

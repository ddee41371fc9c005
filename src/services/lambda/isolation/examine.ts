import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineFinding } from '../../registration.ts';
import { tryIsolation } from './choose.ts';
import type { IsolationLevel } from './isolation.ts';

const check = 'function isolation';
const UNISOLATED = "functions have the rights of the server's user";

function warning(says: string): MachineFinding {
  return { check, state: 'warning', says };
}

/** Tries the levels from the strongest on, up to the one that functions would use. */
export async function examineIsolation(wanted: IsolationLevel | 'auto'): Promise<MachineFinding[]> {
  if (wanted === 'off') return [warning(`off, as configured: ${UNISOLATED}`)];
  const folder = await mkdtemp(join(tmpdir(), 'nagare-doctor-'));
  const findings: MachineFinding[] = [];
  try {
    for (const level of ['strict', 'user'] as const) {
      if (wanted !== 'auto' && wanted !== level) continue;
      const tried = await tryIsolation(level, { folder: join(folder, level), above: [folder], hidden: [] });
      if (typeof tried !== 'string')
        return [...findings, { check, state: 'ok', says: `${level} is available` }];
      const says = `${level} is not available: ${tried}`;
      findings.push(wanted === level ? { check, state: 'problem', says } : warning(says));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (wanted === 'auto') {
    findings.push(warning(`functions are not isolated: ${UNISOLATED}`));
  }
  return findings;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineFinding } from '../../registration.ts';
import { tryIsolation } from './choose.ts';
import type { IsolationLevel } from './isolation.ts';

const check = 'function isolation';
const UNISOLATED = "they have the rights of the server's user";

function warning(says: string): MachineFinding {
  return { check, state: 'warning', says };
}

/** Tries the levels from the best on, up to the one that functions would have. */
export async function examineIsolation(wanted: IsolationLevel | 'auto'): Promise<MachineFinding[]> {
  if (wanted === 'off') return [warning(`off, as was asked for: ${UNISOLATED}`)];
  const folder = await mkdtemp(join(tmpdir(), 'nagare-doctor-'));
  const findings: MachineFinding[] = [];
  try {
    for (const level of ['strict', 'user'] as const) {
      if (wanted !== 'auto' && wanted !== level) continue;
      const tried = await tryIsolation(level, { folder: join(folder, level), above: [folder], hidden: [] });
      if (typeof tried !== 'string')
        return [...findings, { check, state: 'ok', says: `${level} can be had` }];
      const says = `${level} cannot be had: ${tried}`;
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

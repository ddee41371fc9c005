/**
 * Loaded into the server that kill.suite.ts kills, before the server itself. What takes days and gigabytes comes about
 * in lives of less than a second: the clock is as far ahead as a file says, files are small, and what has expired is
 * freed again and again.
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

import '../../support/small-limits.ts';
import { engineLimits } from '../../../src/engine/limits.ts';

const long: Partial<Record<keyof typeof engineLimits, number>> = {
  // A put that was under way when the server was killed is repeated when the clock has moved by hours.
  idempotencyKeyLifetimeMs: 24 * 3_600_000,
};
Object.assign(engineLimits, long);

const aheadMs = Number(readFileSync(process.env['CLOCK_AHEAD_FILE'] ?? '', 'utf8'));
const now = Date.now;
Date.now = () => now() + aheadMs;
// The machine has slept as long: a clock that runs ahead of its uptime has jumped, and is not believed.
const uptime = os.uptime;
os.uptime = () => uptime() + aheadMs / 1000;
syncBuiltinESMExports();

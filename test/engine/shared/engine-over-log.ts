import { rm } from 'node:fs/promises';
import { systemClock } from '../../../src/support/clock.ts';
import type { SharedLog } from '../../../src/engine/shared/shared-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeCommits } from '../commit-contract.ts';
import { describeEngine, type EngineFactory } from '../contract.ts';
import { describeTables } from '../tables-contract.ts';
import { engineOf, openMember, untilOwner } from './shared-engine.ts';

export interface OneLog {
  /** Opens it again and again. */
  readonly open: () => Promise<SharedLog>;
  readonly close?: () => Promise<void>;
}

/**
 * The engine's contract with a shared log as the only durable place: every open, the first and each restart, begins with
 * an empty folder.
 */
export function describeEngineOver(name: string, newStore: () => Promise<OneLog>): void {
  const factory: EngineFactory = {
    name,
    make: async (clock) => {
      const { open, close } = await newStore();
      const folders: string[] = [];
      return {
        open: async () => {
          const folder = await temporaryFolder();
          folders.push(folder);
          const shared = { timers: systemClock };
          const member = await openMember({ folder, clock, log: await open(), shared });
          await untilOwner(member);
          return engineOf(member);
        },
        dispose: async () => {
          for (const folder of folders) await rm(folder, { recursive: true });
          await close?.();
        },
      };
    },
  };
  describeEngine(factory);
  describeCommits(factory);
  describeTables(factory);
}

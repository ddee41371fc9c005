import assert from 'node:assert/strict';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import type { Config } from '../../src/config.ts';
import type { StandbyReadCounts } from '../../src/server/health.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { until } from '../support/until.ts';
import {
  healthOf,
  type Machine,
  type MachineOptions,
  masterKeyFile,
  startMachine,
  untilServing,
} from './machines.ts';

export const rootKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** An owner with a stream `s`, and a standby that answers reads. */
export async function pair(
  options: MachineOptions = {},
  settings: Partial<Config> = {},
  ofStandby: Partial<Config> = settings,
): Promise<{ owner: Machine; standby: Machine }> {
  const store = new MemoryStore();
  const key = await masterKeyFile();
  const owner = await startMachine(store, key, settings, options);
  await untilServing(owner);
  await owner.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const standby = await startMachine(store, key, ofStandby, { readAgeMaxMs: 60_000, ...options });
  await until(async () => (await healthOf(standby)).cluster?.owner === owner.server.endpoint);
  return { owner, standby };
}

interface Counts extends StandbyReadCounts {
  readonly forwarded: number;
}

export async function countsOf(machine: Machine): Promise<Counts> {
  const { standbyReads, forwarded } = (await healthOf(machine)).cluster ?? {};
  assert(standbyReads && forwarded !== undefined);
  return { ...standbyReads, forwarded };
}

/** What the work adds to the counts. */
export async function counted(machine: Machine, work: () => Promise<unknown>): Promise<Counts> {
  const before = await countsOf(machine);
  await work();
  const after = await countsOf(machine);
  return {
    answered: after.answered - before.answered,
    stale: after.stale - before.stale,
    refused: after.refused - before.refused,
    forwarded: after.forwarded - before.forwarded,
  };
}

/** The name of the error that it ends with. */
export async function named(answer: Promise<unknown>): Promise<string | undefined> {
  return await answer.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
  );
}

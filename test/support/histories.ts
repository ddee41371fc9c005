import type { TestContext } from 'node:test';

const seedAsked = process.env['NAGARE_SEED'];
const historiesAsked = process.env['NAGARE_HISTORIES'];

export interface HistoriesMax {
  readonly count: number;
  readonly ms: number;
}

/**
 * Runs random histories, by their seeds from 1 on, until there were enough or the time is over. The same at every run,
 * so that who changes something knows whose failure it is. NAGARE_SEED=n replays one; NAGARE_HISTORIES=n runs that many
 * from there on, however long it takes (`NAGARE_SEED=$RANDOM NAGARE_HISTORIES=5000` looks for new ones). `told` is what
 * the report says besides their number.
 */
export async function runHistories(
  t: TestContext,
  max: HistoriesMax,
  run: (seed: number) => Promise<unknown>,
  told: () => string = () => '',
): Promise<void> {
  const first = Number(seedAsked ?? 1);
  const count = Number(historiesAsked ?? (seedAsked === undefined ? max.count : 1));
  const end = performance.now() + (historiesAsked === undefined ? max.ms : Infinity);
  let seed = first;
  for (; seed < first + count && performance.now() < end; seed++) {
    await run(seed).catch((error: unknown) => {
      throw new Error(`history ${seed} failed; replay it with NAGARE_SEED=${seed}`, { cause: error });
    });
  }
  t.diagnostic(`${seed - first} histories from seed ${first} on${told()}`);
}

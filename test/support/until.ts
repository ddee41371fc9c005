import { setTimeout as sleep } from 'node:timers/promises';

const QUICK_TURNS = 200;

export interface UntilOptions {
  /** What is waited for, as the error says it. */
  readonly what?: string;
  readonly withinMs?: number;
  /** Between two questions whose answers take time. */
  readonly pauseMs?: number;
}

/**
 * Asks again and again until there is an answer (anything but undefined and false), and gives it. A condition of this
 * process is looked at after each turn of the event loop, and after a while less often, so that waiting for a timer
 * does not take a core. The only way in which tests wait: none sleeps in the hope that something has happened.
 */
export async function until<Answer>(
  ask: () => Answer | Promise<Answer>,
  options: UntilOptions = {},
): Promise<Exclude<Answer, undefined | false>> {
  const { what = ask.toString(), withinMs = 20_000, pauseMs = 10 } = options;
  const deadline = performance.now() + withinMs;
  for (let turn = 0; ; turn++) {
    const asked = ask();
    const answer = await asked;
    // The compiler does not know that these are what is excluded.
    if (answer !== undefined && answer !== false) return answer as Exclude<Answer, undefined | false>;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    if (asked instanceof Promise) await sleep(pauseMs);
    else if (turn < QUICK_TURNS) await new Promise((resolve) => setImmediate(resolve));
    else await sleep(2);
  }
}

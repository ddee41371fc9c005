import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer (anything but undefined and false), and gives it. Fails with the last
 * error, or with `what`, when there is none within the time.
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
  secondsMax = 20,
): Promise<Answer> {
  const deadline = performance.now() + secondsMax * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${secondsMax} s`);
    await sleep(10);
  }
}

import { serveJobs } from '../../src/support/worker-main.ts';

/** For thread-pool.test.ts. */
export interface TestJob {
  readonly kind: 'double' | 'throw' | 'end';
  readonly bytes?: ArrayBuffer;
  /** Held back until the test notifies it. */
  readonly until?: Int32Array;
}

serveJobs((message) => {
  const { kind, bytes = new ArrayBuffer(0), until } = message as TestJob;
  if (kind === 'throw') throw new RangeError('no such job');
  if (kind === 'end') process.exit(3);
  if (until !== undefined) Atomics.wait(until, 0, 0);
  const view = new Uint8Array(bytes);
  for (const [at, byte] of view.entries()) view[at] = byte * 2;
  return { message: { bytes }, moved: [bytes] };
});

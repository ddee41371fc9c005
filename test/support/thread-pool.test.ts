import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../src/support/log.ts';
import { ThreadPool } from '../../src/support/thread-pool.ts';
import { until } from './until.ts';
import type { TestJob } from './thread-script.ts';

function poolOf(t: TestContext, threads: number, jobsMax = 2, script = 'thread-script.ts'): ThreadPool {
  const pool = new ThreadPool({
    script: new URL(script, import.meta.url),
    threads,
    jobsMax,
    restartMs: 0,
    log: silentLog,
  });
  t.after(() => pool.close());
  return pool;
}

/** All of them have their script. */
async function ready(pool: ThreadPool): Promise<ThreadPool> {
  await until(() => pool.hasRoom, { what: 'a thread is ready' });
  return pool;
}

function run(pool: ThreadPool, message: TestJob): Promise<{ readonly bytes: ArrayBuffer }> {
  return pool.run({ message, moved: message.bytes === undefined ? [] : [message.bytes] });
}

describe('a pool of threads', () => {
  it('transfers memory there and back', async (t) => {
    const pool = poolOf(t, 2);
    const jobs = Array.from({ length: 50 }, (_, n) => Uint8Array.of(n, n + 1).buffer);
    const done = await Promise.all(jobs.map((bytes) => run(pool, { kind: 'double', bytes })));
    assert.ok(jobs.every((bytes) => bytes.detached));
    for (const [n, { bytes }] of done.entries()) {
      assert.deepEqual(new Uint8Array(bytes), Uint8Array.of(2 * n, 2 * n + 2));
    }
  });

  it('has room until all threads have their maximum of jobs', async (t) => {
    const pool = await ready(poolOf(t, 1, 4));
    const until = new Int32Array(new SharedArrayBuffer(4));
    const jobs: Promise<unknown>[] = [];
    for (let n = 0; n < 4; n++) {
      assert.equal(pool.hasRoom, true);
      jobs.push(run(pool, { kind: 'double', until }));
    }
    assert.equal(pool.hasRoom, false);
    Atomics.store(until, 0, 1);
    Atomics.notify(until, 0);
    await Promise.all(jobs);
    assert.equal(pool.hasRoom, true);
  });

  it('passes on what a job threw, and continues', async (t) => {
    const pool = poolOf(t, 1);
    await assert.rejects(run(pool, { kind: 'throw' }), /RangeError: no such job/);
    await run(pool, { kind: 'double' });
  });

  it('restarts a thread that has ended, and fails the jobs that waited for it', async (t) => {
    const pool = poolOf(t, 1, 10);
    const lost = [run(pool, { kind: 'end' }), run(pool, { kind: 'double' })];
    for (const job of lost) await assert.rejects(job, /the thread has stopped/);
    assert.equal(pool.hasRoom, false);
    await ready(pool);
    await run(pool, { kind: 'double' });
  });

  it('has no room without a thread: its script cannot start', async (t) => {
    const pool = poolOf(t, 2, 2, 'no-such-script.ts');
    const seen: boolean[] = [];
    for (let turn = 0; turn < 300; turn++) {
      seen.push(pool.hasRoom);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(!seen.includes(true));
    await assert.rejects(run(pool, { kind: 'double' }));
  });

  it('fails waiting jobs when it is closed', async (t) => {
    const pool = poolOf(t, 1);
    const until = new Int32Array(new SharedArrayBuffer(4));
    const job = assert.rejects(run(pool, { kind: 'double', until }), /the thread has stopped/);
    await pool.close();
    await job;
  });

  it('fails a message that cannot be sent, without waiting for a response', async (t) => {
    const pool = poolOf(t, 1, 1);
    await assert.rejects(
      pool.run({ message: { kind: 'double', not: () => {} }, moved: [] }),
      /could not be cloned/,
    );
    await ready(pool);
  });

  it('accepts no job when it is closed', async (t) => {
    const pool = poolOf(t, 1);
    await pool.close();
    await assert.rejects(run(pool, { kind: 'double' }), /have been stopped/);
  });
});

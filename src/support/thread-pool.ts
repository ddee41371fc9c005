import { Worker } from 'node:worker_threads';
import type { Log } from './log.ts';

/** A message to or from a thread. The memory in `moved` is transferred, not copied. */
export interface Transfer<Message extends object> {
  readonly message: Message;
  readonly moved: readonly ArrayBuffer[];
}

/** A message as it is posted over the port. */
export interface Envelope {
  readonly id: number;
  readonly message?: object;
  /** What the job threw, if it failed. */
  readonly failure?: string;
}

/** A thread's first message: its script has loaded. */
export const READY = 'ready';

/** Each job is one message and gets one answer. The script defines the jobs (`serveJobs`). */
export interface ThreadPoolOptions {
  readonly script: URL;
  readonly threads: number;
  /** The maximum number of jobs that wait or run. */
  readonly jobsMax: number;
  /** The delay before a crashed thread is restarted. */
  readonly restartMs: number;
  readonly log: Log;
}

/** Threads that take work off the main thread. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads: Thread[];
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.threads }, (_, place) => this.#start(place));
  }

  /**
   * False when all threads are busy, have crashed or are still starting: the caller then does the job itself. A job
   * that is sent anyway waits for a thread that is starting.
   */
  get hasRoom(): boolean {
    return this.#threads.some(({ state, jobs }) => state === 'ready' && jobs < this.#options.jobsMax);
  }

  /**
   * Rejects with what the job threw, when its thread crashed, when there is no thread, or when the pool is closed.
   */
  async run<Result extends object>({ message, moved }: Transfer<object>): Promise<Result> {
    if (this.#closed) throw new Error('the threads have been stopped');
    const thread = this.#leastBusy('ready') ?? this.#leastBusy('starting');
    if (thread === undefined) throw new Error('all threads have stopped');
    // The script determines the type of the answer to this message.
    return (await thread.run(message, moved)) as Result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #leastBusy(state: Thread['state']): Thread | undefined {
    let least: Thread | undefined;
    for (const thread of this.#threads) {
      if (thread.state === state && thread.jobs < (least?.jobs ?? Infinity)) least = thread;
    }
    return least;
  }

  #start(place: number): Thread {
    const { script, restartMs, log } = this.#options;
    return new Thread(script, (error) => {
      if (this.#closed) return;
      log.error({ err: error }, 'a worker thread stopped unexpectedly; restarting it');
      const restart = (): void => {
        if (!this.#closed) this.#threads[place] = this.#start(place);
      };
      setTimeout(restart, restartMs).unref();
    });
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<object>>();
  #nextId = 0;
  state: 'starting' | 'ready' | 'ended' = 'starting';

  constructor(script: URL, onEnd: (error: Error) => void) {
    this.#worker = new Worker(script);
    // The thread must not keep the process alive while no job waits.
    this.#worker.unref();
    this.#worker.on('message', (parcel: Envelope | typeof READY) => {
      if (parcel === READY) this.state = 'ready';
      else this.#settle(parcel);
    });
    let why = new Error('the thread has stopped');
    // The event 'exit' follows and does the rest.
    this.#worker.on('error', (error) => (why = error));
    this.#worker.on('exit', () => {
      this.state = 'ended';
      this.#failAll(why);
      onEnd(why);
    });
  }

  get jobs(): number {
    return this.#waiting.size;
  }

  run(message: object, moved: readonly ArrayBuffer[]): Promise<object> {
    const id = this.#nextId++;
    // Throws when the message cannot be cloned: then no answer is awaited.
    this.#worker.postMessage({ id, message } satisfies Envelope, moved);
    const waiting = Promise.withResolvers<object>();
    this.#waiting.set(id, waiting);
    if (this.#waiting.size === 1) this.#worker.ref();
    return waiting.promise;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle({ id, message, failure }: Envelope): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (message !== undefined) waiting?.resolve(message);
    else waiting?.reject(new Error(failure));
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

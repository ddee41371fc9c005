import { Worker } from 'node:worker_threads';
import type { Log } from './log.ts';

/** What goes to a thread, and what comes back: the memory in `moved` goes over without being copied. */
export interface Transfer<Message extends object> {
  readonly message: Message;
  readonly moved: readonly ArrayBuffer[];
}

/** As it goes over the port. */
export interface Envelope {
  readonly id: number;
  readonly message?: object;
  /** What the job threw. */
  readonly failure?: string;
}

/** What a thread says first: its script is there. */
export const READY = 'ready';

/** Each job is a message, answered with one. Which jobs there are is the script's affair (`serveJobs`). */
export interface ThreadPoolOptions {
  readonly script: URL;
  readonly threads: number;
  /** So many jobs wait for a thread, or are under way there, at most. */
  readonly jobsMax: number;
  /** After which a thread that has ended by a fault is started anew. */
  readonly restartMs: number;
  readonly log: Log;
}

/** Threads that take work off the main one. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads: Thread[];
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.threads }, (_, place) => this.#start(place));
  }

  /**
   * False when all threads have as much to do as they may, or are not there (yet): who has a job then does it. A job
   * that is sent nevertheless waits for a thread that is starting.
   */
  get hasRoom(): boolean {
    return this.#threads.some(({ state, jobs }) => state === 'ready' && jobs < this.#options.jobsMax);
  }

  /** Rejects with what the job threw, when its thread ended, when there is none, and when the pool is closed. */
  async run<Result extends object>({ message, moved }: Transfer<object>): Promise<Result> {
    if (this.#closed) throw new Error('the threads have been ended');
    const thread = this.#leastBusy('ready') ?? this.#leastBusy('starting');
    if (thread === undefined) throw new Error('all threads have ended');
    // What comes back is what the script gives for this message.
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
      log.error({ err: error }, 'a thread has ended, which it should not; it is started anew');
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
    // It has nothing to do unless somebody waits for it.
    this.#worker.unref();
    this.#worker.on('message', (parcel: Envelope | typeof READY) => {
      if (parcel === READY) this.state = 'ready';
      else this.#settle(parcel);
    });
    let why = new Error('the thread has ended');
    // 'exit' follows.
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
    // Throws when there is something in it that cannot be sent: nobody waits for an answer then.
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

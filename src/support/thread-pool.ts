import { Worker } from 'node:worker_threads';
import type { Log } from './log.ts';

/** What goes to a thread, and what comes back: the memory in `moved` goes over without being copied. */
export interface Moved<Message extends object> {
  readonly message: Message;
  readonly moved: readonly ArrayBuffer[];
}

/** As it goes over the port. */
export interface Parcel {
  readonly id: number;
  readonly message?: object;
  /** What the job threw. */
  readonly failure?: string;
}

/** Each job is a message, answered with one. Which jobs there are is the script's affair (`serveJobs`). */
export interface ThreadPoolOptions {
  readonly script: URL;
  readonly threads: number;
  /** So many jobs wait for a thread, or are under way there, at most. */
  readonly jobsMax: number;
  readonly log: Log;
}

/** Threads that take work off the main one. One that ends by a fault is started anew by the next job. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #threads: (Thread | undefined)[];
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.threads }, (_, place) => this.#start(place));
  }

  /** False when all threads have as much to do as they may: who has a job then does it. */
  get hasRoom(): boolean {
    return this.#threads.some((thread) => (thread?.jobs ?? 0) < this.#options.jobsMax);
  }

  /** Rejects with what the job threw, when its thread ended, and when the pool is closed. */
  async run<Result extends object>({ message, moved }: Moved<object>): Promise<Result> {
    if (this.#closed) throw new Error('the threads have been ended');
    let place = 0;
    for (let other = 1; other < this.#threads.length; other++) {
      if (this.#jobsAt(other) < this.#jobsAt(place)) place = other;
    }
    const thread = (this.#threads[place] ??= this.#start(place));
    // What comes back is what the script gives for this message.
    return (await thread.run(message, moved)) as Result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread?.close() ?? Promise.resolve()));
  }

  #jobsAt(place: number): number {
    return this.#threads[place]?.jobs ?? 0;
  }

  #start(place: number): Thread {
    return new Thread(this.#options.script, (error) => {
      if (this.#closed) return;
      this.#options.log.error({ err: error }, 'a thread has ended, which it should not');
      this.#threads[place] = undefined;
    });
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<object>>();
  #nextId = 0;

  constructor(script: URL, onEnd: (error: Error) => void) {
    this.#worker = new Worker(script);
    // It has nothing to do unless somebody waits for it.
    this.#worker.unref();
    this.#worker.on('message', (parcel: Parcel) => this.#settle(parcel));
    let why = new Error('the thread has ended');
    // 'exit' follows.
    this.#worker.on('error', (error) => (why = error));
    this.#worker.on('exit', () => {
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
    this.#worker.postMessage({ id, message } satisfies Parcel, moved);
    const waiting = Promise.withResolvers<object>();
    this.#waiting.set(id, waiting);
    if (this.#waiting.size === 1) this.#worker.ref();
    return waiting.promise;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle({ id, message, failure }: Parcel): void {
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

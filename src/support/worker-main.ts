import { parentPort } from 'node:worker_threads';
import { type Transfer, type Envelope, READY } from './thread-pool.ts';

/** Serves the jobs of a ThreadPool in its script: passes each message to `work` and posts the result. */
export function serveJobs(work: (message: object) => Transfer<object>): void {
  const port = parentPort;
  if (port === null) throw new Error('this script must run in a worker thread');
  port.on('message', ({ id, message = {} }: Envelope) => {
    let parcel: Envelope;
    let moved: readonly ArrayBuffer[] = [];
    try {
      const answer = work(message);
      parcel = { id, message: answer.message };
      ({ moved } = answer);
    } catch (error) {
      parcel = { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    port.postMessage(parcel, [...moved]);
  });
  port.postMessage(READY);
}

/** Unpacks a zip in a worker thread: 250 MB of code must not delay other requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { unpack, type UnpackBounds } from './unpack.ts';

export interface UnpackTask {
  readonly zip: Uint8Array;
  readonly folder: string;
  readonly bounds: UnpackBounds;
}

export interface UnpackResult {
  /** The error; undefined on success. */
  readonly failure?: { readonly name: string; readonly message: string };
}

// Only code-store.ts starts this worker.
const { zip, folder, bounds } = workerData as UnpackTask;
let result: UnpackResult = {};
try {
  await unpack(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength), folder, bounds);
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  result = { failure: { name, message } };
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- ports of threads have none
parentPort?.postMessage(result);

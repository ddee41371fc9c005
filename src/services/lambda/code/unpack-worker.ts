/** Unpacks a zip in a thread of its own: 250 MB of code must not hold up everybody's records. */
import { parentPort, workerData } from 'node:worker_threads';
import { unpack, type UnpackBounds } from './unpack.ts';

export interface UnpackTask {
  readonly zip: Uint8Array;
  readonly folder: string;
  readonly bounds: UnpackBounds;
}

export interface UnpackResult {
  /** Of the error; undefined when all went well. */
  readonly failure?: { readonly name: string; readonly message: string };
}

// code-store.ts is the only one that starts this.
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

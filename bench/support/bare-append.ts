import type { FileHandle } from 'node:fs/promises';

/** Appends pieces to a file and resolves when they are durable. */
export type AppendBytes = (pieces: readonly Uint8Array[]) => Promise<void>;

/** The least that durability costs: what waits is written together, with one fdatasync for all of it. */
export function bareAppend(file: FileHandle): AppendBytes {
  let waiting: { pieces: readonly Uint8Array[]; resolve: () => void }[] = [];
  let position = 0;
  let running = false;
  const run = async (): Promise<void> => {
    running = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      const { bytesWritten } = await file.writev(
        taken.flatMap(({ pieces }) => pieces),
        position,
      );
      await file.datasync();
      position += bytesWritten;
      for (const { resolve } of taken) resolve();
    }
    running = false;
  };
  return (pieces) =>
    new Promise((resolve, reject) => {
      waiting.push({ pieces, resolve });
      if (!running) run().catch(reject);
    });
}

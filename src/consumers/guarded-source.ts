import type { StreamSource } from './source.ts';

/** Each throws if it may not be done now. */
export interface SourceGuard {
  /** Before the reading of a shard begins, at its checkpoint. */
  open(): Promise<void>;
  /** Before each read. */
  read(): Promise<void>;
}

/**
 * The source as somebody may read it. A read that the guard refuses ends the reading of the shard, which begins again at
 * its checkpoint after a pause: nothing is skipped.
 */
export function guardedSource(source: StreamSource, guard: SourceGuard): StreamSource {
  return {
    describe: (stream) => source.describe(stream),
    onChange: (listener) => source.onChange(listener),
    async open(stream, shardId, position) {
      await guard.open();
      const reader = await source.open(stream, shardId, position);
      return {
        position: () => reader.position(),
        wait: (signal) => reader.wait(signal),
        async read(limits) {
          await guard.read();
          return await reader.read(limits);
        },
      };
    },
  };
}

import { join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import type { Moves } from '../registration.ts';
import { EngineSegments } from './engine-segments.ts';
import { logsLimits } from './limits.ts';
import type { LogSegments } from './log-segments.ts';
import type { LogGroupRow } from './log-list.ts';
import { segmentFilesOf } from './log-store.ts';

/** Below the data folder. */
export const LOGS_FOLDER = join('functions', 'logs');

/** Moves the events of log groups between files and the engine. */
export const eventMoves: Moves = {
  async intoCluster({ engine, dataDir }, to, report) {
    for (const group of groupsOf(engine)) {
      const files = segmentFilesOf(join(dataDir, LOGS_FOLDER), group);
      await copySegments(files, new EngineSegments(to.engine, group), (bytes) => report(bytes, group));
    }
  },

  async outOfCluster({ engine, dataDir }, _from, report) {
    for (const group of groupsOf(engine)) {
      const segments = new EngineSegments(engine, group);
      const files = segmentFilesOf(join(dataDir, LOGS_FOLDER), group);
      await copySegments(segments, files, (bytes) => report(bytes, group));
      await segments.erase();
    }
  },
};

function groupsOf({ catalog }: Engine): string[] {
  return [...catalog.table<LogGroupRow>('logs.groups').entries()].map(([name]) => name);
}

/** What an interrupted copy has left of a segment is written again. */
async function copySegments(
  from: LogSegments,
  to: LogSegments,
  report: (bytes: number) => void,
): Promise<void> {
  const present = new Map((await to.list()).map(({ number, bytes }) => [number, bytes]));
  for (const { number, bytes } of await from.list()) {
    const content = await from.content(number);
    if (present.get(number) !== content.length) {
      await to.remove(number);
      await to.begin(number);
      for (let at = 0; at < content.length; at += logsLimits.segmentPieceBytes)
        await to.append(content.subarray(at, at + logsLimits.segmentPieceBytes));
      await to.sync();
    }
    report(bytes);
  }
  await to.finish();
}

import { type Engine, NotOwnerError } from './engine.ts';

/** The engine for those who only read: every change is refused, whether or not this machine owns the shared log. */
export function readOnly(engine: Engine): Engine {
  return {
    catalog: { table: (name) => engine.catalog.table(name), commit: refuse },
    tables: engine.tables,
    read: (log, from, limits) => engine.read(log, from, limits),
    waitFor: (log, index, signal) => engine.waitFor(log, index, signal),
    bounds: (log) => engine.bounds(log),
    locate: (log, timeMs) => engine.locate(log, timeMs),
    recall: (key) => engine.recall(key),
    findFailure: () => engine.findFailure(),
    createLogs: refuse,
    append: refuse,
    commit: refuse,
    trim: refuse,
    seal: refuse,
    drop: refuse,
    // It belongs to another part of the server.
    close: () => Promise.resolve(),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(new NotOwnerError('the owner of the shared log makes changes'));
}

import { DamagedDataError } from '../../../errors.ts';
import type { Moves } from '../../registration.ts';
import { CodeArchive } from './code-archive.ts';
import { codeInUse, storedCode, storesOf } from './stored-code.ts';

/** Moves the zips of functions and layers between files and the engine. */
const moves: Moves = {
  async intoCluster(from, to, report) {
    const stores = await storesOf(from);
    for (const { kind, name, sha256 } of codeInUse(from.engine).values()) {
      const zip = await stores[kind].zip(name, sha256);
      await new CodeArchive(to.engine, kind).put(name, sha256, zip);
      report(zip.length, `code of ${name}`);
    }
  },

  async outOfCluster(data, _from, report) {
    const stores = await storesOf(data);
    for (const { kind, name, sha256 } of codeInUse(data.engine).values()) {
      const zip = await new CodeArchive(data.engine, kind).read(name, sha256);
      if (zip === undefined) throw new DamagedDataError(`the code of ${name} is damaged; upload it again`);
      await stores[kind].put(name, zip);
      report(zip.length, `code of ${name}`);
    }
    for (const kind of ['code', 'layers'] as const) {
      await new CodeArchive(data.engine, kind).removeAllBut(new Map());
    }
  },
};

/** What commands do with the code of functions while no server runs. */
export const codeBesideEngine = { storedFiles: storedCode, moves };

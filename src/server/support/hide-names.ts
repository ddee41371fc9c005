import { createHash } from 'node:crypto';

/** What stands for the name of a stream, a function, ... */
export type Hide = (name: string) => string;

/** The same name has the same hash in all files of an archive. */
export function hiding(hidesNames: boolean): Hide {
  if (!hidesNames) return (name) => name;
  const known = new Map<string, string>();
  return (name) => {
    let hash = known.get(name);
    if (hash === undefined) {
      hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
      known.set(name, hash);
    }
    return hash;
  };
}

import type { Engine } from '../../../engine/engine.ts';
import type { KeyStore } from '../../../engine/key-store.ts';
import { ContentKeyError, ContentKeys } from './content-cipher.ts';
import { ObjectIndex } from './object-index.ts';

/** Encrypts the keys of contents under the present master key. A damaged one stays: reading its object reports it. */
export async function rewrapContentKeys(engine: Engine, keys: KeyStore): Promise<number> {
  const contentKeys = new ContentKeys(() => Promise.resolve(keys));
  return await new ObjectIndex(engine).rewrapKeys(async (wrapped) => {
    try {
      return await contentKeys.rewrap(wrapped);
    } catch (error) {
      if (error instanceof ContentKeyError) return undefined;
      throw error;
    }
  });
}

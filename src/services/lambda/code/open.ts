import { join } from 'node:path';
import type { LambdaOptions } from '../lambda-options.ts';
import { LayerFolders } from '../layers/layer-folders.ts';
import { CodeArchive, type CodeKind } from './code-archive.ts';
import { CodeStore } from './code-store.ts';

/** Opens what a machine has of functions and layers. */
export async function openCode({
  engine,
  folder,
  log,
  sharesLog = false,
}: Pick<LambdaOptions, 'engine' | 'folder' | 'log' | 'sharesLog'>) {
  const archiveOf = (kind: CodeKind): CodeArchive | undefined =>
    sharesLog ? new CodeArchive(engine, kind) : undefined;
  const code = await CodeStore.open(join(folder, 'code'), log, archiveOf('code'));
  const layersCode = await CodeStore.open(join(folder, 'layers'), log, archiveOf('layers'));
  const layerFolders = await LayerFolders.open(join(folder, 'opt'), layersCode);
  return { code, layersCode, layerFolders };
}

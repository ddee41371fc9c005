import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The sources of the pages; in the package the folder holds what was made of them. */
export const pagesFolder = fileURLToPath(new URL('pages', import.meta.url));

/** The files of the console by name. */
export type BundledFiles = ReadonlyMap<string, Buffer>;

const STATIC = ['index.html', 'icon.svg'];

/**
 * Bundles the pages: for the package, and in a checkout when the console is first opened. Needs esbuild, which is not
 * in the package.
 */
export async function bundlePages(): Promise<BundledFiles> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: {
      main: join(pagesFolder, 'main.tsx'),
      hub: join(pagesFolder, 'hub.ts'),
      style: join(pagesFolder, 'style.css'),
    },
    outdir: '/out',
    bundle: true,
    splitting: true,
    format: 'esm',
    chunkNames: 'chunk-[hash]',
    minify: true,
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    write: false,
  });
  const files = new Map<string, Buffer>();
  for (const { path, contents } of outputFiles)
    files.set(path.replace(/^.*\/out\//, ''), Buffer.from(contents));
  for (const name of STATIC) files.set(name, await readFile(join(pagesFolder, name)));
  return files;
}

/** In a checkout: bundles the pages unless this was done since they last changed. */
export async function cachedBundle(cacheFolder: string): Promise<BundledFiles> {
  const folder = join(cacheFolder, await fingerprint());
  try {
    return await readBundle(folder);
  } catch {
    const files = await bundlePages();
    await store(folder, files).catch(() => undefined);
    return files;
  }
}

export async function readBundle(folder: string): Promise<BundledFiles> {
  const names = await readdir(folder);
  if (!names.includes('main.js')) throw new Error(`${folder} has no bundle`);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const lock = new URL('../../package-lock.json', import.meta.url);
  hash.update(await readFile(lock)).update(await readFile(fileURLToPath(import.meta.url)));
  const names = await readdir(pagesFolder, { recursive: true });
  for (const name of names.filter((one) => /\.(?:tsx?|css|html|svg)$/.test(one)).sort()) {
    hash.update(name).update(await readFile(join(pagesFolder, name)));
  }
  return hash.digest('hex').slice(0, 20);
}

/** Moved into place as a whole: another process may do the same. */
async function store(folder: string, files: BundledFiles): Promise<void> {
  const temporary = `${folder}.${process.pid}`;
  await mkdir(temporary, { recursive: true });
  for (const [name, content] of files) await writeFile(join(temporary, name), content);
  await rename(temporary, folder);
}

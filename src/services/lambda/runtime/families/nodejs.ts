import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkedPackages, packagePaths, type RuntimeFamily } from './family.ts';

/** The bootstrap is TypeScript in the repository and JavaScript in the package; both run as they are. */
export const bootstrap = fileURLToPath(
  new URL(`../bootstrap/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** JavaScript and TypeScript, on the server's own Node. */
export const nodejs: RuntimeFamily = {
  name: 'nodejs',
  program: undefined,
  runtimes: ['nodejs16.x', 'nodejs18.x', 'nodejs20.x', 'nodejs22.x', 'nodejs24.x'],
  declaredAs: 'nodejs24.x',
  ended: [
    'nodejs',
    'nodejs4.3',
    'nodejs4.3-edge',
    'nodejs6.10',
    'nodejs8.10',
    'nodejs10.x',
    'nodejs12.x',
    'nodejs14.x',
  ],
  extensions: ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'],
  baseMegabytes: 128,
  // Node 24 maps 570 MB before it runs anything, and as much again for each worker thread.
  mappedMegabytes: 4096,
  requestVariable: '_NAGARE_REQUEST_ID',
  launch({ handlerFile, opt, memoryMegabytes, packageFolders, folder, compileCache }) {
    const node = process.execPath;
    const ownFolder = dirname(bootstrap);
    const lookedIn = [ownFolder, ...packageFolders, ...(handlerFile === undefined ? [] : [folder])];
    const packages = [...new Set(lookedIn.flatMap(packagePaths))];
    return {
      command: node,
      args: [`--max-old-space-size=${memoryMegabytes}`, bootstrap],
      reads: [
        node,
        realpathSync(node),
        ownFolder,
        ...packages,
        ...packages.filter((path) => path.endsWith('/node_modules')).flatMap(linkedPackages),
      ],
      environment: {
        _NAGARE_PACKAGES: [...(opt === undefined ? [] : [join(opt, 'nodejs')]), ...packageFolders].join('\n'),
        ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
      },
    };
  },
  refusal: () => undefined,
};

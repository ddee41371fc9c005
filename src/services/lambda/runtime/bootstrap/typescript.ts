import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON, stripTypeScriptTypes } from 'node:module';
import { compileFunction } from 'node:vm';
import type * as Sucrase from 'sucrase';

export interface Transformed {
  readonly format: 'commonjs' | 'module';
  readonly source: string;
}

/**
 * A TypeScript file as JavaScript, in what its author wrote it for. Without `"type": "module"` that is what `tsc`
 * makes by default, CommonJS: `import * as AWS from 'aws-sdk'` then sees all that the package exports (as a native
 * import it would see what can be found without running it, which is nothing), and stands beside
 * `exports.handler = ...`. What cannot be CommonJS (a top-level await, import.meta) is an ES module. Lines keep
 * their numbers.
 */
export function transformTypeScript(path: string, code: string): Transformed {
  if (path.endsWith('.mts') || (!path.endsWith('.cts') && insideModulePackage(path)))
    return asModule(path, code);
  return asCommonJs(path, code) ?? asModule(path, code);
}

/** The library is loaded by the first TypeScript file only: JavaScript functions start without it. */
function sucrase(): typeof Sucrase {
  return createRequire(import.meta.url)('sucrase') as typeof Sucrase;
}

function asCommonJs(path: string, code: string): Transformed | undefined {
  try {
    const { code: source } = sucrase().transform(code, {
      transforms: ['typescript', 'imports'],
      preserveDynamicImport: true,
      filePath: path,
    });
    compileFunction(source, ['exports', 'require', 'module', '__filename', '__dirname']);
    return { format: 'commonjs', source };
  } catch {
    return undefined;
  }
}

function asModule(path: string, code: string): Transformed {
  try {
    const { code: source } = sucrase().transform(code, {
      transforms: ['typescript'],
      disableESTransforms: true,
      filePath: path,
    });
    return { format: 'module', source };
  } catch {
    // Node's own, which knows the newest syntax but keeps imports that only name types; its error is the clearer one.
    return { format: 'module', source: stripTypeScriptTypes(code) };
  }
}

function insideModulePackage(path: string): boolean {
  const manifest = findPackageJSON('.', path);
  if (manifest === undefined) return false;
  try {
    const { type } = JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown };
    return type === 'module';
  } catch {
    return false;
  }
}

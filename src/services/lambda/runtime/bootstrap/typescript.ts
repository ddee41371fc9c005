import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON, stripTypeScriptTypes } from 'node:module';
import { compileFunction } from 'node:vm';
import type * as Sucrase from 'sucrase';

export interface Transformed {
  readonly format: 'commonjs' | 'module';
  readonly source: string;
}

/**
 * Compiles a TypeScript file to the module format that its author wrote it for. Without `"type": "module"` that is
 * CommonJS, as `tsc` makes by default: `import * as AWS from 'aws-sdk'` then sees all exports of the package (a native
 * import would see only those that static analysis finds: none), and `exports.handler = ...` works beside imports. Code
 * that cannot be CommonJS (a top-level await, import.meta) becomes an ES module. Line numbers stay the same.
 */
export function transformTypeScript(path: string, code: string): Transformed {
  if (path.endsWith('.mts') || (!path.endsWith('.cts') && insideModulePackage(path)))
    return asModule(path, code);
  return asCommonJs(path, code) ?? asModule(path, code);
}

/** Loaded with the first TypeScript file, so that JavaScript functions start without it. */
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
    // Node's own compiler knows the newest syntax and has clearer errors, but keeps imports that name only types.
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

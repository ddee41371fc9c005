import { NotOwnerError } from '../../engine/engine.ts';
import type { DeclaredNames } from '../registration.ts';
import {
  type DescribedFunction,
  FunctionDirectory,
  type FunctionDirectoryOptions,
} from './function-directory.ts';
import { LATEST, versionKey } from './versions/version-row.ts';

export interface StoredFunctionsOptions extends FunctionDirectoryOptions {
  readonly declared: DeclaredNames;
}

/**
 * The functions as their rows are, for a machine that follows the owner of the log. What `nagare.yaml` declares has no
 * row, and the file of the owner counts: so everything that concerns declared functions throws NotOwnerError.
 */
export class StoredFunctions extends FunctionDirectory {
  readonly #declared: DeclaredNames;

  constructor(options: StoredFunctionsOptions) {
    super(options);
    this.#declared = options.declared;
  }

  override find(name: string, version: string): DescribedFunction | undefined {
    if (this.isDeclared(name)) throw declaredThere();
    const row = version === LATEST ? this.rows.get(name) : this.versionRows.get(versionKey(name, version));
    return row && { definition: this.definitionOf(row, version) };
  }

  override isDeclared(name: string): boolean {
    return this.#declared.has(name);
  }

  override get count(): number {
    if (this.#declared.areAny()) throw declaredThere();
    return this.rows.size;
  }

  protected override *names(): Generator<string> {
    if (this.#declared.areAny()) throw declaredThere();
    for (const [name] of this.rows.entries()) yield name;
  }
}

function declaredThere(): NotOwnerError {
  return new NotOwnerError('the owner of the shared log knows the functions that it declares');
}

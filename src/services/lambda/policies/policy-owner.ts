import type { FunctionDefinition } from '../function-definition.ts';
import { LATEST } from '../versions/version-row.ts';
import type { PolicyOwner } from './function-policies.ts';

interface NamedAlias {
  readonly functionName: string;
  readonly name: string;
  readonly revisionId: string;
}

/** Finds what a request names; the registry of functions. */
interface Resolver {
  resolve(
    name: string,
    qualifier: string | undefined,
  ): { readonly found: { readonly definition: FunctionDefinition }; readonly alias?: NamedAlias };
}

/** The function, version or alias that a request names. `$LATEST` has the policy of its function. */
export function policyOwner(functions: Resolver, name: string, qualifier: string | undefined): PolicyOwner {
  const { found, alias } = functions.resolve(name, qualifier);
  return alias === undefined ? versionOwner(found.definition) : aliasOwner(alias);
}

export function versionOwner(definition: FunctionDefinition): PolicyOwner {
  return { definition, qualifier: definition.version === LATEST ? undefined : definition.version };
}

export function aliasOwner({ functionName, name, revisionId }: NamedAlias): PolicyOwner {
  return { definition: { name: functionName, revisionId }, qualifier: name };
}

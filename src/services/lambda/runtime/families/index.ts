import type { RuntimeFamily } from './family.ts';
import { nodejs } from './nodejs.ts';
import { provided } from './provided.ts';
import { python } from './python.ts';

export const families: readonly RuntimeFamily[] = [nodejs, python, provided];

/** The family of a runtime; undefined for those that nagare does not run (Java, Ruby, .NET, Go). */
export function familyOf(runtime: string): RuntimeFamily | undefined {
  return families.find(({ runtimes, ended }) => runtimes.includes(runtime) || ended.includes(runtime));
}

/** The family of a handler file in nagare.yaml; undefined for unknown extensions. */
export function familyOfFile(extension: string): RuntimeFamily | undefined {
  return families.find(({ extensions }) => extensions.includes(extension));
}

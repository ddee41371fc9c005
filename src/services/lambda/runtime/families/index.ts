import { dotnet } from './dotnet.ts';
import type { RuntimeFamily } from './family.ts';
import { java } from './java.ts';
import { nodejs } from './nodejs.ts';
import { provided } from './provided.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';

export const families: readonly RuntimeFamily[] = [nodejs, python, java, ruby, dotnet, provided];

/** The family of a runtime; undefined for unknown ones. */
export function familyOf(runtime: string): RuntimeFamily | undefined {
  return families.find(({ runtimes, ended }) => runtimes.includes(runtime) || ended.includes(runtime));
}

/** The family of a handler file in nagare.yaml; undefined for unknown extensions. */
export function familyOfFile(extension: string): RuntimeFamily | undefined {
  return families.find(({ extensions }) => extensions.includes(extension));
}

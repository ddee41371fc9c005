import { readDeclarations } from '../../src/config.ts';
import type { Declarations } from '../../src/config/declarations.ts';
import { sectionsOf, type Declarer } from '../../src/declarations/plan.ts';
import { registrations } from '../../src/services/index.ts';

const sections = sectionsOf(registrations);

/** As a `nagare.yaml` with this content declares it. */
export function declared(content: object): Declarations {
  return readDeclarations('nagare.yaml', JSON.stringify(content), sections);
}

/** Has a service bring about what the content declares of its sections, as the server does. */
export async function applyDeclared(
  declarer: Declarer,
  content: object,
  baseDir = process.cwd(),
): Promise<void> {
  const declarations = declared(content);
  const [problem] = declarations.problems;
  if (problem !== undefined) throw new Error(problem.text);
  const things = declarer.plan(declarations, { allowReshard: true, baseDir });
  const steps = [];
  for (const thing of things) steps.push(await thing.check());
  for (const step of steps) await step.apply();
}

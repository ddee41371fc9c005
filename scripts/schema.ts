import { writeFileSync } from 'node:fs';
import { fileSchema } from '../src/config.ts';
import { sectionsOf } from '../src/declarations/plan.ts';
import { registrations } from '../src/services/index.ts';

export const file = new URL('../nagare.schema.json', import.meta.url);

/** nagare.schema.json: what `nagare.yaml` may hold, for editors. */
export function schemaText(): string {
  return `${JSON.stringify(fileSchema(sectionsOf(registrations)), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(file, schemaText());

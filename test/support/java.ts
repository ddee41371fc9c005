import { globSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';
import { runTool } from './tools.ts';

export interface JavaPrograms {
  readonly classPath: string;
  /** Where the libraries are, native ones too. */
  readonly libraries: string;
}

/** Builds a Maven project of test/clients. */
export async function buildJava(project: string): Promise<JavaPrograms> {
  const target = await temporaryFolder();
  await runTool('mvn', ['-q', '-B', `-DbuildDirectory=${target}`, 'package'], { cwd: project });
  const libraries = join(target, 'lib');
  return { classPath: [join(libraries, '*'), ...globSync(join(target, '*.jar'))].join(':'), libraries };
}

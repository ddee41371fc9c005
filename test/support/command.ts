import { run } from '../../src/cli/program.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Runs a command line of nagare inside the test's process. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  let output = '';
  let errors = '';
  const code = await run(args, {
    environment,
    workingFolder: await temporaryFolder(),
    print: (text) => (output += `${text}\n`),
    complain: (text) => (errors += `${text}\n`),
  });
  return { code, output, errors };
}

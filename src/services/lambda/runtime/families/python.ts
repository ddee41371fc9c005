import { fileURLToPath } from 'node:url';
import { findProgram, installationOf, type RuntimeFamily } from './family.ts';

const bootstrap = fileURLToPath(new URL('../bootstrap/python.py', import.meta.url));

/** Python, run by the python3 on the server's PATH. */
export const python: RuntimeFamily = {
  name: 'python',
  program: 'python3',
  runtimes: ['python3.8', 'python3.9', 'python3.10', 'python3.11', 'python3.12', 'python3.13', 'python3.14'],
  declaredAs: 'python3.13',
  ended: ['python2.7', 'python3.6', 'python3.7'],
  extensions: ['.py'],
  baseMegabytes: 64,
  mappedMegabytes: 512,
  requestVariable: undefined,
  launch({ reaches }) {
    const command = findProgram('python3', reaches) ?? findProgram('python3') ?? 'python3';
    return {
      command,
      args: ['-B', bootstrap],
      reads: [...installationOf(command), bootstrap],
      environment: {},
    };
  },
  refusal: () => undefined,
};

import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, namesIn, type RuntimeFamily } from './family.ts';

/** The main class of Lambda's runtime interface client for Java, which comes with the function, a layer or the runtime folder. */
const CLIENT_CLASS = 'com.amazonaws.services.lambda.runtime.api.client.AWSLambda';
const CLIENT_FILE = `${CLIENT_CLASS.replaceAll('.', '/')}.class`;
const CLIENT_JAR = /^aws-lambda-java-runtime-interface-client-.*\.jar$/;

/** Java, run by the java on the server's PATH. */
export const java: RuntimeFamily = {
  name: 'java',
  program: 'java',
  runtimes: ['java8.al2', 'java11', 'java17', 'java21', 'java25'],
  declaredAs: undefined,
  ended: ['java8'],
  extensions: [],
  baseMegabytes: 192,
  // Thread stacks, the code cache and the structures of the garbage collector.
  mappedMegabytes: 2048,
  requestVariable: undefined,
  lacks: ({ names, clientFolder }) => {
    const isBrought = names.some(
      (name) => name === CLIENT_FILE || (name.startsWith('lib/') && isClientJar(name.slice(4))),
    );
    return isBrought || namesIn(clientFolder ?? '').some(isClientJar)
      ? undefined
      : 'lib/ of the zip has no aws-lambda-java-runtime-interface-client-<version>.jar, with its dependencies, and neither has the runtime folder';
  },
  launch({ handler, folder, opt, codeFolder, optFolder, clientFolder, memoryMegabytes, reaches }) {
    const command = findProgram('java', reaches) ?? findProgram('java') ?? 'java';
    const client = bringsClient(codeFolder, optFolder) ? undefined : clientFolder;
    const classPath = [
      folder,
      `${folder}/lib/*`,
      ...(opt === undefined ? [] : [`${opt}/java/lib/*`]),
      ...(client === undefined ? [] : [`${client}/*`]),
    ];
    const args = [
      `-Xmx${memoryMegabytes}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classPath.join(':'),
      CLIENT_CLASS,
      handler,
    ];
    const reads = [command, ...installation(command), ...(client === undefined ? [] : [client])];
    return { command, args, reads, environment: {} };
  },
  refusal: ({ codeFolder, optFolder, clientFolder }) =>
    bringsClient(codeFolder, optFolder) || namesIn(clientFolder ?? '').some(isClientJar)
      ? undefined
      : { command: 'aws-lambda-java-runtime-interface-client', code: 'ENOENT' },
};

function bringsClient(codeFolder: string, optFolder: string | undefined): boolean {
  const libraries = [
    join(codeFolder, 'lib'),
    ...(optFolder === undefined ? [] : [join(optFolder, 'java/lib')]),
  ];
  return (
    existsSync(join(codeFolder, CLIENT_FILE)) || libraries.some((folder) => namesIn(folder).some(isClientJar))
  );
}

function isClientJar(name: string): boolean {
  return CLIENT_JAR.test(name);
}

/** The folder of the JVM, and its settings, which Debian keeps in /etc. */
function installation(command: string): string[] {
  try {
    const folder = dirname(dirname(realpathSync(command)));
    const settings = namesIn('/etc').filter((name) => name.startsWith('java'));
    return [folder, ...settings.map((name) => join('/etc', name))];
  } catch {
    return [];
  }
}

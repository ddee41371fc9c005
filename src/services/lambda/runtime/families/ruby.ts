import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, installationOf, namesIn, type LaunchOptions, type RuntimeFamily } from './family.ts';

const bootstrap = fileURLToPath(new URL('../bootstrap/ruby.rb', import.meta.url));

/** Lambda's runtime interface client for Ruby is a gem, with this file. */
const CLIENT_FILE = 'lib/aws_lambda_ric/bootstrap.rb';
const CLIENT_GEM = /^aws_lambda_ric-[^/]+$/;
/** Where Bundler puts gems: `bundle install` with `path: vendor/bundle`. */
const BUNDLE = 'vendor/bundle/ruby';
const CLIENT_IN_ZIP =
  /^vendor\/bundle\/ruby\/[^/]+\/gems\/aws_lambda_ric-[^/]+\/lib\/aws_lambda_ric\/bootstrap\.rb$/;
/** Where Lambda looks for the gems of layers. */
const LAYER = 'ruby/gems';

type Sources = Pick<LaunchOptions, 'codeFolder' | 'optFolder' | 'clientFolder'>;

/** Ruby, run by the ruby on the server's PATH. */
export const ruby: RuntimeFamily = {
  name: 'ruby',
  program: 'ruby',
  runtimes: ['ruby3.2', 'ruby3.3', 'ruby3.4', 'ruby4.0'],
  declaredAs: undefined,
  ended: ['ruby2.5', 'ruby2.7'],
  extensions: [],
  baseMegabytes: 96,
  mappedMegabytes: 1024,
  requestVariable: undefined,
  lacks: ({ names, clientFolder }) =>
    names.some((name) => CLIENT_IN_ZIP.test(name)) || clientIn(clientFolder) !== undefined
      ? undefined
      : 'vendor/bundle of the zip has no gem aws_lambda_ric, and neither has the runtime folder',
  launch({ handler, folder, codeFolder, opt, optFolder, clientFolder, reaches }) {
    const command = findProgram('ruby', reaches) ?? findProgram('ruby') ?? 'ruby';
    const seen = (path: string) => {
      const isIn = (parent: string) => !relative(parent, path).startsWith('..');
      if (isIn(codeFolder)) return join(folder, relative(codeFolder, path));
      return opt !== undefined && optFolder !== undefined && isIn(optFolder)
        ? join(opt, relative(optFolder, path))
        : path;
    };
    const sources = { codeFolder, optFolder, clientFolder };
    const client = clientOf(sources);
    const libraries = [...(client === undefined ? [] : [join(seen(client), 'lib')]), folder];
    return {
      command,
      args: [...libraries.flatMap((library) => ['-I', library]), bootstrap, handler],
      reads: [
        command,
        ...installationOf(command),
        bootstrap,
        ...(clientFolder === undefined ? [] : [clientFolder]),
      ],
      environment: {},
      defaults: {
        GEM_PATH: gemFolders(sources).map(seen).join(':'),
        ...(opt === undefined ? {} : { RUBYLIB: join(opt, 'ruby/lib') }),
      },
    };
  },
  refusal: (files) =>
    clientOf(files) === undefined ? { command: 'aws_lambda_ric', code: 'ENOENT' } : undefined,
};

/** The folders with a folder `gems`, whatever version of Ruby they are named after. */
function gemFolders({ codeFolder, optFolder }: Pick<Sources, 'codeFolder' | 'optFolder'>): string[] {
  const parents = [join(codeFolder, BUNDLE), ...(optFolder === undefined ? [] : [join(optFolder, LAYER)])];
  return parents.flatMap((parent) => namesIn(parent).map((version) => join(parent, version)));
}

/** The folder of the gem. */
function clientOf({ clientFolder, ...brought }: Sources): string | undefined {
  for (const folder of gemFolders(brought)) {
    const client = clientIn(folder);
    if (client !== undefined) return client;
  }
  return clientIn(clientFolder);
}

/** `gem install --install-dir` makes a folder `gems`, as Bundler does; an unpacked gem has none. */
function clientIn(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  const gems = namesIn(join(folder, 'gems')).filter((name) => CLIENT_GEM.test(name));
  return [
    ...gems
      .toSorted()
      .toReversed()
      .map((name) => join(folder, 'gems', name)),
    folder,
  ].find((gem) => existsSync(join(gem, CLIENT_FILE)));
}

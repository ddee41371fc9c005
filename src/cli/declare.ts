import { createRequire } from 'node:module';
import { Command, Option } from 'commander';
import type * as Yaml from 'yaml';
import { DESCRIBE_PATH, type Description, type TerraformImport } from '../server/describe.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import type { Terminal } from './terminal.ts';
import { ownCommand } from './own-routes.ts';

type DeclareFlags = ServerFlags & OutputFlags & { readonly format: 'yaml' | 'terraform' };

/** `nagare declare`: writes what a running server has. */
export function declareCommand(terminal: Terminal): Command {
  const command = new Command('declare')
    .description('print what a running server has, as nagare.yaml or as import blocks of Terraform')
    .addOption(
      new Option('--format <format>', 'what to print').choices(['yaml', 'terraform']).default('yaml'),
    );
  return withServer(withJson(command)).action(async (flags: DeclareFlags) => {
    const description = await describe(await serverOf(flags, terminal));
    const text = flags.format === 'yaml' ? asYaml(description) : asTerraform(description);
    printResult(terminal, flags, text.trimEnd(), description);
  });
}

async function describe(server: RunningServer): Promise<Description> {
  // A server of this version answers in this form.
  return (await ownCommand(server, { path: DESCRIBE_PATH, command: 'declare' })) as Description;
}

/** The sections that have something; what cannot be declared is in comments at the top. */
function asYaml({ sections, undeclared }: Description): string {
  // Loaded only by this command: it has many modules.
  const yaml = createRequire(import.meta.url)('yaml') as typeof Yaml;
  const filled = Object.entries(sections).filter(([, content]) => Object.keys(content).length > 0);
  const comments = undeclared.map(({ resource, what }) => `# not declared: ${resource}: ${what}\n`);
  if (filled.length === 0) return comments.join('');
  return comments.join('') + yaml.stringify(Object.fromEntries(filled), { lineWidth: 0 });
}

/** `terraform plan -generate-config-out=generated.tf` writes the resources for these blocks. */
function asTerraform({ imports }: Description): string {
  const taken = new Set<string>();
  return imports.map((one) => importBlock(one, nameOf(one, taken))).join('\n');
}

function importBlock({ type, id }: TerraformImport, name: string): string {
  return `import {\n  to = ${type}.${name}\n  id = ${JSON.stringify(id).replaceAll(/[$%](?=\{)/g, '$&$&')}\n}\n`;
}

/** A name that Terraform accepts, and that no other resource of the type has. */
function nameOf({ type, name }: TerraformImport, taken: Set<string>): string {
  const word = name.replaceAll(/[^\w-]+/g, '_').replace(/^(?![a-zA-Z_])/, '_');
  let free = word;
  for (let number = 2; taken.has(`${type}.${free}`); number++) free = `${word}_${number}`;
  taken.add(`${type}.${free}`);
  return free;
}

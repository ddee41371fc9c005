/**
 * Terraform with its AWS provider, as its users run it. Neither can be had from a package registry, so what uses them
 * runs where both are installed: `terraform` on the PATH and the provider in a mirror in the file system.
 */
import { copyFileSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { programPath, runTool } from '../support/tools.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const [mirror] = globSync('{/opt/*,/usr/share/terraform/plugins}/registry.terraform.io/hashicorp/aws');

/** Undefined when the tests can run. */
export const missing =
  programPath('terraform') !== undefined && mirror !== undefined
    ? undefined
    : 'Terraform or a mirror with its AWS provider is not installed';

/** The modules `modules/<name>.tf`. */
export const moduleNames = namesIn('modules');

/** The modules `modules/long/<name>.tf`: options that few need. */
export const longModuleNames = namesIn('modules/long');

function namesIn(folder: string): string[] {
  return globSync(`${folder}/*.tf`, { cwd: here })
    .map((path) => basename(path, '.tf'))
    .sort();
}

/** What Terraform says about a resource of a module. */
export interface Failure {
  readonly module: string;
  readonly text: string;
}

export interface Outcome {
  readonly failures: readonly Failure[];
  /** Modules of which a resource was created, changed or destroyed. */
  readonly changed: ReadonlySet<string>;
}

/** A resource that a plan would change. */
export interface PlannedChange {
  readonly module: string;
  readonly address: string;
  readonly actions: readonly string[];
}

/** A root module that has each of the given modules as a child. */
export class Workspace {
  readonly #folder: string;
  readonly #endpoint: string;

  private constructor(folder: string, endpoint: string) {
    this.#folder = folder;
    this.#endpoint = endpoint;
  }

  static async open(modules: readonly string[], endpoint: string): Promise<Workspace> {
    const folder = await temporaryFolder();
    copyFileSync(join(here, 'provider.tf'), join(folder, 'provider.tf'));
    const calls = modules.map(
      (name) => `module "${name}" {\n  source = "./${name}"\n  step   = var.step\n}\n`,
    );
    writeFileSync(join(folder, 'main.tf'), calls.join('\n'));
    const code = Buffer.from('export const handler = async (event) => event;\n');
    // The same bytes at any time, so that recorded calls stay the same.
    const zip = zipSync({ 'index.mjs': [code, { mtime: '2020-01-01T00:00:00' }] });
    for (const name of modules) {
      mkdirSync(join(folder, name));
      const parent = longModuleNames.includes(name) ? 'modules/long' : 'modules';
      copyFileSync(join(here, parent, `${name}.tf`), join(folder, name, 'main.tf'));
      writeFileSync(join(folder, name, 'function.zip'), zip);
    }
    const path = (mirror ?? '').replace(/\/registry\.terraform\.io.*/, '');
    writeFileSync(
      join(folder, 'rc'),
      `provider_installation {\n  filesystem_mirror { path = "${path}" }\n}\n`,
    );
    const workspace = new Workspace(folder, endpoint);
    await workspace.#run('init');
    return workspace;
  }

  /** Applies what it can. */
  apply(step: number): Promise<Outcome> {
    return this.#change('apply', step);
  }

  destroy(step: number): Promise<Outcome> {
    return this.#change('destroy', step);
  }

  /** What another apply would change. */
  async plan(step: number): Promise<PlannedChange[]> {
    const lines = messages(await this.#run('plan', '-json', '-var', `step=${step}`).catch(outputOf));
    const failed = failuresIn(lines).map(({ module, text }) => ({
      module,
      address: text,
      actions: ['error'],
    }));
    const changes = lines.flatMap(({ type, change }) =>
      type === 'planned_change' && change !== undefined
        ? [
            {
              module: moduleOf(change.resource.addr),
              address: change.resource.addr,
              actions: [change.action],
            },
          ]
        : [],
    );
    return [...failed, ...changes];
  }

  async #change(command: string, step: number): Promise<Outcome> {
    const output = await this.#run(command, '-json', '-auto-approve', '-var', `step=${step}`).catch(outputOf);
    const lines = messages(output);
    const changed = lines.flatMap(({ type, hook }) =>
      type === 'apply_complete' && hook !== undefined ? [moduleOf(hook.resource.addr)] : [],
    );
    return { failures: failuresIn(lines), changed: new Set(changed) };
  }

  #run(...args: string[]): Promise<string> {
    const env = {
      TF_CLI_CONFIG_FILE: join(this.#folder, 'rc'),
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      AWS_ENDPOINT_URL: this.#endpoint,
    };
    return runTool('terraform', [...args, '-no-color'], { cwd: this.#folder, env });
  }
}

interface Message {
  readonly type: string;
  readonly change?: { readonly resource: { readonly addr: string }; readonly action: string };
  readonly hook?: { readonly resource: { readonly addr: string } };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail?: string;
    readonly address?: string;
    readonly range?: { readonly filename: string };
  };
}

/** Terraform exits with 1 when something failed, and has printed what. */
function outputOf(error: unknown): string {
  if (error instanceof Error && 'stdout' in error && error.stdout !== '') return String(error.stdout);
  throw error;
}

function messages(output: string): Message[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Message);
}

function failuresIn(lines: readonly Message[]): Failure[] {
  return lines.flatMap(({ diagnostic }) => {
    if (diagnostic?.severity !== 'error') return [];
    const { summary, detail = '', address = '', range } = diagnostic;
    const module = address === '' ? (range?.filename.split('/')[0] ?? '') : moduleOf(address);
    return [{ module, text: `${address}: ${summary} ${detail}`.trim() }];
  });
}

function moduleOf(address: string): string {
  return /^(?:data\.)?module\.(\w+)/.exec(address)?.[1] ?? '';
}

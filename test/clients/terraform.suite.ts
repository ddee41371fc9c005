/**
 * Terraform with its AWS provider, as its users run it. Neither can be had from a package registry, so the test runs
 * where both are installed: `terraform` on the PATH and the provider in a mirror in the file system.
 */
import assert from 'node:assert/strict';
import { copyFileSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { declared } from '../support/declarations.ts';
import { startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { programPath, runTool } from '../support/tools.ts';

const [mirror] = globSync('{/opt/*,/usr/share/terraform/plugins}/registry.terraform.io/hashicorp/aws');
const isHere = programPath('terraform') !== undefined && mirror !== undefined;

interface Case {
  readonly what: string;
  readonly file: string;
  /** A variable that changes resources, and how many. */
  readonly change: string;
  readonly changed: number;
  readonly resources: number;
  /** What `nagare.yaml` of the server declares. */
  readonly declarations?: object;
}

const cases: readonly Case[] = [
  {
    what: 'databases and tables of Glue, and a delivery stream that converts by them',
    file: 'tables.tf',
    change: 'more_columns=["address"]',
    changed: 1,
    resources: 3,
  },
  {
    what: 'delivery streams that partition, back up and encrypt',
    file: 'firehose.tf',
    change: 'seconds=90',
    changed: 1,
    resources: 4,
  },
  {
    what: 'delivery streams with functions, to an HTTP endpoint and to an Iceberg table',
    file: 'firehose-destinations.tf',
    change: 'key=second',
    changed: 1,
    resources: 4,
    // Nothing is delivered, so nobody calls it.
    declarations: {
      catalogs: { lake: { arn: 'arn:aws:glue:us-east-1:000000000000:catalog', url: 'http://127.0.0.1:9' } },
    },
  },
  {
    what: 'roles, policies, users, groups, keys and instance profiles of IAM, by a provider that asks STS first',
    file: 'identities.tf',
    change: 'actions=["kinesis:PutRecord","kinesis:PutRecords"]',
    // The role's description and tags, its inline policy, the managed policy, the user's inline policy.
    changed: 4,
    resources: 12,
  },
];

for (const { what, file, change, changed, resources, declarations = {} } of cases) {
  test(
    `${what}: applied, changed and destroyed, and no plan is left open`,
    { skip: isHere ? false : 'Terraform or a mirror with its AWS provider is not installed' },
    async () => {
      await using server = await startTestServer({ declarations: declared(declarations) });
      const cwd = await temporaryFolder();
      copyFileSync(fileURLToPath(new URL(`terraform/${file}`, import.meta.url)), join(cwd, 'main.tf'));
      const path = (mirror ?? '').replace(/\/registry\.terraform\.io.*/, '');
      writeFileSync(
        join(cwd, 'rc'),
        `provider_installation {\n  filesystem_mirror { path = "${path}" }\n}\n`,
      );
      const env = {
        TF_CLI_CONFIG_FILE: join(cwd, 'rc'),
        TF_IN_AUTOMATION: '1',
        CHECKPOINT_DISABLE: '1',
        TF_VAR_endpoint: server.endpoint,
      };
      const terraform = (...args: string[]) => runTool('terraform', [...args, '-no-color'], { cwd, env });
      await terraform('init');
      await terraform('apply', '-auto-approve');
      // Exits with 2 when there is something left to do.
      await terraform('plan', '-detailed-exitcode');
      const applied = await terraform('apply', '-auto-approve', '-var', change);
      assert.ok(applied.includes(`0 added, ${changed} changed, 0 destroyed`), applied);
      await terraform('plan', '-detailed-exitcode', '-var', change);
      assert.ok((await terraform('destroy', '-auto-approve')).includes(`${resources} destroyed`));
    },
  );
}

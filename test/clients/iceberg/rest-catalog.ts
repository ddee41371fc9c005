import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from '../../support/tools.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

export interface CatalogProcess {
  readonly url: string;
  /** What it has printed so far. */
  printed(): string;
  close(): Promise<void>;
}

/** Apache Iceberg's REST catalog for tests, with its tables in a bucket of an S3 and its own state in memory. */
export async function startRestCatalog(s3Endpoint: string, warehouse: string): Promise<CatalogProcess> {
  const classPathFile = join(await temporaryFolder(), 'class-path');
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.7.0:build-classpath';
  await runTool('mvn', ['-q', '-B', goal, `-Dmdep.outputFile=${classPathFile}`], { cwd: folder });
  const classPath = await readFile(classPathFile, 'utf8');
  const child = spawn('java', ['-cp', classPath, 'org.apache.iceberg.rest.RESTCatalogServer'], {
    env: {
      ...process.env,
      CATALOG_REST_PORT: '0',
      CATALOG_WAREHOUSE: warehouse,
      CATALOG_IO__IMPL: 'org.apache.iceberg.aws.s3.S3FileIO',
      CATALOG_S3_ENDPOINT: s3Endpoint,
      CATALOG_S3_PATH__STYLE__ACCESS: 'true',
      CATALOG_HTTP__CLIENT_TYPE: 'apache',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_REGION: 'us-east-1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { port, printed } = await listening(child);
  return {
    url: `http://127.0.0.1:${port}`,
    printed,
    async close() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function listening(child: ChildProcess) {
  let printed = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    const port = /Started ServerConnector@\w+\{.*?0\.0\.0\.0:(\d+)\}/.exec(printed)?.[1];
    if (port !== undefined) resolve(port);
  });
  child.on('exit', () => reject(new Error(`the catalog ended: ${printed}`)));
  return { port: await promise, printed: () => printed };
}

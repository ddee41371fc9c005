import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from './processes.ts';

const VERSION = '1.7.1';
const folder = join(tmpdir(), `nagare-elasticmq-${VERSION}`);
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>nagare</groupId><artifactId>elasticmq</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>`;
const START_MS_MAX = 60_000;

/** ElasticMQ as it comes, with its messages in memory. Maven Central has it; it is kept in the folder for temporary files. */
export async function startElasticMq(): Promise<Running> {
  if (!existsSync(join(folder, 'complete'))) await download();
  const port = await freePort();
  const options = [
    `-Dnode-address.port=${port}`,
    `-Drest-sqs.bind-port=${port}`,
    '-Drest-stats.enabled=false',
    '-cp',
    `${join(folder, 'lib')}/*`,
  ];
  const process = spawn('java', [...options, 'org.elasticmq.server.Main'], { cwd: folder, stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    if (process.exitCode !== null || process.signalCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'exit');
  };
  const endMs = performance.now() + START_MS_MAX;
  while (!(await answers(port))) {
    if (process.exitCode !== null || performance.now() > endMs) {
      await stop();
      throw new Error('ElasticMQ did not start');
    }
    await sleep(200);
  }
  return { port, process, stop, [Symbol.asyncDispose]: stop };
}

async function download(): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), pom);
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
  const maven = spawn('mvn', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(maven, 'exit')) as [number | null];
  if (code !== 0) throw new Error('Maven could not get ElasticMQ');
  await writeFile(join(folder, 'complete'), '');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/?Action=ListQueues`);
    return true;
  } catch {
    return false;
  }
}

import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addressName } from '../../src/engine/kafka/socket.ts';
import { Balancer } from '../../test/cluster/balancer.ts';
import { clusterHealth, startMachines, type Machines } from '../../test/cluster/machines.ts';
import { RealCluster } from '../../test/engine/kafka/real-cluster.ts';
import type { ServerProcess } from '../../test/support/server-process.ts';
import { programPath } from '../../test/support/tools.ts';
import { clients, linesOf, type Aws } from '../demo/aws.ts';
import { tell, tick, title } from '../demo/terminal.ts';
import { Load, type Order } from './load.ts';

const bucket = 'archive';
const key = 'orders.txt';
const takeOverAfter = 2;

/** `npm run demo:cluster`: three machines share a log; one is killed in the middle of a load. */
async function main(): Promise<void> {
  const brokers = await startBrokers();
  try {
    await using machines = await start(brokers);
    const balancer = await Balancer.start(machines.all.map(({ endpoint }) => endpoint));
    const load = new Load(clients(balancer.endpoint));
    try {
      await underLoad(machines, load);
    } finally {
      await load.stop();
      await balancer.close();
    }
    await check(machines, load.acknowledged);
  } finally {
    await brokers?.close();
  }
  title('Try next');
  tell('  docs/cluster.md    what is promised, and how to set it up on Kafka or on S3');
}

/** Undefined without Java and Maven, which fetches Kafka. */
async function startBrokers(): Promise<RealCluster | undefined> {
  if (programPath('java') === undefined || programPath('mvn') === undefined) {
    tell('Java and Maven are not installed: the shared log is in S3, in place of Kafka');
    return undefined;
  }
  title('Three Kafka brokers');
  tell('  (the first time, Maven downloads them)');
  const brokers = await RealCluster.start({ brokers: 3 });
  tick(`brokers at ${brokers.addresses().map(addressName).join(', ')}`);
  return brokers;
}

async function start(brokers: RealCluster | undefined): Promise<Machines> {
  title('Four nagares: three share a log, the fourth has the objects');
  const sharedLog = brokers && `kafka://${brokers.addresses().map(addressName).join(',')}/nagare`;
  const config = fileURLToPath(new URL('nagare.yaml', import.meta.url));
  const machines = await startMachines({
    takeOverAfter,
    args: ['--config', config, '--log-level', 'error'],
    ...(sharedLog !== undefined && { sharedLog }),
  });
  await machines.standbys();
  tick(`objects are at ${machines.store.endpoint}`);
  for (const machine of machines.all) {
    const health = await clusterHealth(machine);
    tick(`${machine.endpoint} is ${health?.role === 'owner' ? 'the owner' : 'a standby'}`);
  }
  return machines;
}

async function underLoad(machines: Machines, load: Load): Promise<void> {
  title('Orders are put through a load balancer, by the AWS SDK as it comes');
  load.start();
  await load.untilMore(300);
  tick(`${load.acknowledged.length} orders`);

  const owner = await machines.owner();
  title(`kill -9 of the owner, ${owner.endpoint}`);
  const killedMs = performance.now();
  await owner.kill();
  await load.untilMore(300);
  const next = await machines.owner();
  tick(
    `${next.endpoint} has taken over: a standby does after ${takeOverAfter} s without a sign of the owner`,
  );
  tick(`the longest that a client waited: ${load.longestSince(killedMs)} ms. Errors that it saw: none`);
  await owner.start();
  await untilStandby(owner, next);
  tick('the killed machine is back, as a standby');

  title(`The owner, ${next.endpoint}, is stopped in order`);
  const stoppedMs = performance.now();
  await next.stop('SIGTERM');
  await load.untilMore(300);
  tick(`${(await machines.owner()).endpoint} has taken over at once`);
  tick(`the longest that a client waited: ${load.longestSince(stoppedMs)} ms`);
}

async function untilStandby(machine: ServerProcess, owner: ServerProcess): Promise<void> {
  while ((await clusterHealth(machine))?.owner !== owner.endpoint) await sleep(100);
}

async function check(machines: Machines, acknowledged: readonly Order[]): Promise<void> {
  title('Is everything there?');
  const stored = await ordersIn(clients((await machines.owner()).endpoint));
  report('stream', stored, acknowledged);
  const store = clients(machines.store.endpoint);
  const expected = acknowledged.map(({ order }) => order);
  let lines: number[] = [];
  for (let tries = 0; tries < 300 && lines.length < expected.length; tries++) {
    if (tries > 0) await sleep(100);
    lines = (await linesOf(store, bucket, key)).map(Number);
  }
  report(
    'list log',
    lines.map((order) => ({ order })),
    expected.map((order) => ({ order })),
  );
}

/** Throws what is lost, doubled or not where it was acknowledged. */
function report(where: string, found: readonly Partial<Order>[], expected: readonly Partial<Order>[]): void {
  const orders = found.map(({ order }) => order);
  const seen = new Set(orders);
  const lost = expected.filter(({ order }) => !seen.has(order)).length;
  const doubled = orders.length - seen.size;
  const moved = expected.filter(
    ({ order, number }, at) => found[at]?.order !== order || found[at]?.number !== number,
  );
  if (lost + doubled + moved.length > 0) {
    throw new Error(`${where}: ${lost} lost, ${doubled} doubled, ${moved.length} elsewhere`);
  }
  tick(
    `${where}: ${expected.length} orders acknowledged, ${found.length} stored, none lost, none doubled, in order`,
  );
}

async function ordersIn({ kinesis }: Aws): Promise<Order[]> {
  const from = {
    StreamName: 'orders',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  } as const;
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const orders: Order[] = [];
  for (;;) {
    const page = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    for (const { Data, SequenceNumber = '' } of page.Records ?? []) {
      const { order } = JSON.parse(Buffer.from(Data ?? []).toString()) as { order: number };
      orders.push({ order, number: SequenceNumber });
    }
    if (page.MillisBehindLatest === 0) return orders;
    ShardIterator = page.NextShardIterator;
  }
}

await main();

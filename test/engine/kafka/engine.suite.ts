import { describeEngineOver } from '../shared/engine-over-log.ts';
import { openLog } from './cluster.ts';
import { FakeBroker } from './fake-broker.ts';

describeEngineOver('Kafka in memory', async () => {
  const broker = await FakeBroker.start();
  return { open: () => openLog([broker.address], { topic: 'log' }), close: () => broker.close() };
});

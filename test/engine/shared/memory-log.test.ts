import { logContract } from './log-contract.ts';
import { MemoryStore } from './memory-log.ts';

// What the simulation and the tests of the engine stand on.
logContract('memory', () => {
  const store = new MemoryStore();
  return Promise.resolve({ open: () => Promise.resolve(store.open()) });
});

import { signal } from '@preact/signals';
import {
  createDemoStream,
  DEMO_STREAM,
  demoOrder,
  type DemoStep,
  fillDemo,
  removeDemo,
} from '../../support/demo-things.ts';
import { ApiError, call } from './api.ts';
import { base64 } from './base64.ts';

const ORDERS_PER_SECOND = 20;
const TURN_MS = 500;
const ACTIVE_TRIES_MAX = 40;

/** Whether this page puts made-up orders, and why it has stopped. */
export const demo = signal<{ readonly isRunning: boolean; readonly problem?: string }>({ isRunning: false });

let timer: ReturnType<typeof setInterval> | undefined;
let count = 0;

/** Makes what `nagare demo` makes, and puts made-up orders until it is stopped or the page is closed. */
export async function startDemo(): Promise<void> {
  if (timer !== undefined) return;
  await perform(createDemoStream);
  await untilActive();
  for (const step of fillDemo) await perform(step);
  timer = setInterval(() => void put().catch(stopDemo), TURN_MS);
  demo.value = { isRunning: true };
}

export function stopDemo(error?: unknown): void {
  clearInterval(timer);
  timer = undefined;
  demo.value = error instanceof Error ? { isRunning: false, problem: error.message } : { isRunning: false };
}

/** Deletes all of it. */
export async function clearDemo(): Promise<void> {
  stopDemo();
  for (const step of removeDemo) await perform(step);
}

/** What is there already is used, and what is gone already is gone. */
async function perform({ service, operation, input, unless }: DemoStep): Promise<void> {
  try {
    await call(service, operation, input);
  } catch (error) {
    if (!(error instanceof ApiError && unless.includes(error.code))) throw error;
  }
}

async function untilActive(): Promise<void> {
  for (let tries = 0; tries < ACTIVE_TRIES_MAX; tries++) {
    const { StreamDescriptionSummary: summary } = await call<{
      StreamDescriptionSummary: { readonly StreamStatus: string };
    }>('kinesis', 'DescribeStreamSummary', { StreamName: DEMO_STREAM });
    if (summary.StreamStatus === 'ACTIVE') return;
  }
}

async function put(): Promise<void> {
  const Records = Array.from({ length: (ORDERS_PER_SECOND * TURN_MS) / 1000 }, () => {
    // Plain HTTP to another machine has no randomUUID.
    const order = demoOrder(count, `${Date.now()}-${count++}`, Math.random);
    return { PartitionKey: order.shop, Data: base64(JSON.stringify(order)) };
  });
  await call('kinesis', 'PutRecords', { StreamName: DEMO_STREAM, Records });
}

import type { Browser, CDPSession, Page } from 'playwright-core';
import { until } from '../support/until.ts';

interface HeapUsage {
  readonly usedSize: number;
}

/** Bytes in use in the heap of a page, after its garbage is collected. */
export async function pageHeapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

/** The same of the shared worker, which has no page and is reached through the browser. */
export async function workerHeapBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  const worker = targetInfos.find(({ type }) => type === 'shared_worker');
  if (worker === undefined) throw new Error('there is no shared worker');
  const { sessionId } = await session.send('Target.attachToTarget', { targetId: worker.targetId });
  await askWorker(session, sessionId, 'HeapProfiler.collectGarbage');
  const { usedSize } = await askWorker<HeapUsage>(session, sessionId, 'Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

let calls = 0;

async function askWorker<Answer>(session: CDPSession, sessionId: string, method: string): Promise<Answer> {
  const id = ++calls;
  let answer: { readonly result: Answer } | undefined;
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const received = JSON.parse(message) as { readonly id?: number; readonly result: Answer };
    if (received.id === id) answer = received;
  });
  await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
  return (await until(() => answer)).result;
}

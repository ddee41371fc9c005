import type { Engine } from '../../engine/engine.ts';
import type { OutgoingMessage, PreparedMessages } from './contract.ts';
import type { Departures } from './departures.ts';
import type { Lease } from './lease.ts';
import { MessageView } from './message-format.ts';

/** What a message becomes in the queue to which it moves. */
export type AdaptMessage = (message: MessageView, sentMs: number) => OutgoingMessage;

export interface Move {
  readonly engine: Engine;
  readonly from: Departures;
  readonly to: { prepare(messages: readonly OutgoingMessage[]): Promise<PreparedMessages> };
  readonly adapt: AdaptMessage;
}

/** Moves messages from one queue to another, in one commit. Those that are lost with a damaged file only leave. */
export async function moveMessages(
  leases: readonly Lease[],
  { engine, from, to, adapt }: Move,
): Promise<void> {
  const outgoing: OutgoingMessage[] = [];
  for (const { log, index } of leases) {
    const stored = await log.read(index);
    if (stored === undefined) continue;
    const message = new MessageView(stored.payload);
    outgoing.push(adapt(message, message.sentMs ?? stored.arrivedMs));
  }
  const { batches, accept } = await to.prepare(outgoing);
  const { batches: appended, result = [] } = await engine.commit({
    batches,
    change: (transaction) => from.markDeleted(transaction, leases),
  });
  from.departed(leases, result);
  accept(appended);
}

import { randomUUID } from 'node:crypto';
import { openKafkaSharedLog, type KafkaLogOptions } from '../../../src/engine/kafka/open.ts';
import type { KafkaSharedLog } from '../../../src/engine/kafka/kafka-shared-log.ts';
import type { Address } from '../../../src/engine/kafka/socket.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';

export function openLog(
  bootstrap: readonly Address[],
  options: Partial<KafkaLogOptions> = {},
): Promise<KafkaSharedLog> {
  return openKafkaSharedLog({
    bootstrap,
    topic: newTopic(),
    security: {},
    durability: 'quorum-memory',
    compression: 'none',
    clock: systemClock,
    log: silentLog,
    ...options,
  });
}

export function newTopic(): string {
  return `log-${randomUUID()}`;
}

import type { CheckpointStore, ShardCheckpoint } from '../../src/consumers/checkpoints.ts';
import type { StreamView } from '../../src/consumers/source.ts';

/** What a restart would find: pass it on to the next consumer. */
export class MemoryPositions implements CheckpointStore {
  readonly rows = new Map<string, ShardCheckpoint>();

  load(stream: StreamView, shardId: string): ShardCheckpoint | undefined {
    return this.rows.get(`${stream.incarnation}/${shardId}`);
  }

  async save(stream: StreamView, shardId: string, position: ShardCheckpoint): Promise<void> {
    this.rows.set(`${stream.incarnation}/${shardId}`, position);
  }

  async retain(stream: StreamView, shardIds: ReadonlySet<string>): Promise<void> {
    for (const key of this.rows.keys()) {
      const [incarnation, shardId] = key.split('/');
      if (incarnation !== stream.incarnation || !shardIds.has(shardId ?? '')) this.rows.delete(key);
    }
  }
}

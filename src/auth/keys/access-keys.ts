import type { Engine } from '../../engine/engine.ts';
import type { KeyStore } from '../../engine/key-store.ts';
import { rewriteRows } from '../../engine/rewrite-rows.ts';
import type { DiskTable } from '../../engine/tables.ts';
import type { Clock } from '../../support/clock.ts';
import { newAccessKeyId, newSecretAccessKey } from './access-key-id.ts';
import { LastUses } from './last-uses.ts';
import { TextSealer } from './sealed-text.ts';

export type AccessKeyStatus = 'Active' | 'Inactive';

export interface AccessKeyRow {
  readonly accessKeyId: string;
  /** The ID of the user. */
  readonly ownerId: string;
  readonly status: AccessKeyStatus;
  readonly createdMs: number;
  /** Key ID and secret, encrypted under the master key: a secret moved to another row does not open. */
  readonly sealedSecret: string;
}

/** Long-term access keys, durable. The caller runs the changes of one owner one at a time. */
export class AccessKeyTable {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #sealer: TextSealer;
  readonly #keys: DiskTable<AccessKeyRow>;
  readonly #byOwner: DiskTable<{ readonly accessKeyId: string }>;
  readonly lastUses: LastUses;

  constructor(engine: Engine, keys: KeyStore, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#sealer = new TextSealer(keys.deriveAll('access keys'));
    this.#keys = engine.tables.open('auth.accessKeys');
    this.#byOwner = engine.tables.open('auth.accessKeysByOwner');
    this.lastUses = new LastUses(engine, clock);
  }

  find(accessKeyId: string): Promise<AccessKeyRow | undefined> {
    return this.#keys.get(accessKeyId);
  }

  /** Undefined if the row's secret was not encrypted under this server's master key, or not for this key. */
  secretOf({ accessKeyId, sealedSecret }: AccessKeyRow): string | undefined {
    const [id, secret] = this.#sealer.open(sealedSecret)?.split('\n') ?? [];
    return id === accessKeyId ? secret : undefined;
  }

  async ofOwner(ownerId: string): Promise<AccessKeyRow[]> {
    const rows: AccessKeyRow[] = [];
    for await (const [, { accessKeyId }] of this.#byOwner.entries({ prefix: `${ownerId}\n` })) {
      const row = await this.#keys.get(accessKeyId);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** The secret is returned here only. */
  async create(ownerId: string): Promise<{ readonly row: AccessKeyRow; readonly secretAccessKey: string }> {
    const accessKeyId = newAccessKeyId('AKIA');
    const secretAccessKey = newSecretAccessKey();
    const sealedSecret = this.#sealer.seal(`${accessKeyId}\n${secretAccessKey}`);
    const row: AccessKeyRow = {
      accessKeyId,
      ownerId,
      status: 'Active',
      createdMs: this.#clock.now(),
      sealedSecret,
    };
    await this.#engine.catalog.commit((transaction) => {
      transaction.put(this.#keys, accessKeyId, row);
      transaction.put(this.#byOwner, `${ownerId}\n${accessKeyId}`, { accessKeyId });
    });
    return { row, secretAccessKey };
  }

  /** Stores a key that was made elsewhere, or its new secret; its status stays. */
  async store(ownerId: string, accessKeyId: string, secretAccessKey: string): Promise<void> {
    const sealedSecret = this.#sealer.seal(`${accessKeyId}\n${secretAccessKey}`);
    const known = await this.#keys.get(accessKeyId);
    const made = known ?? { accessKeyId, status: 'Active' as const, createdMs: this.#clock.now() };
    await this.#engine.catalog.commit((transaction) => {
      transaction.put(this.#keys, accessKeyId, { ...made, ownerId, sealedSecret });
      transaction.put(this.#byOwner, `${ownerId}\n${accessKeyId}`, { accessKeyId });
    });
  }

  setStatus(row: AccessKeyRow, status: AccessKeyStatus): Promise<void> {
    return this.#engine.catalog.commit((transaction) => {
      transaction.put(this.#keys, row.accessKeyId, { ...row, status });
    });
  }

  delete({ accessKeyId, ownerId }: AccessKeyRow): Promise<void> {
    return this.#engine.catalog.commit((transaction) => {
      transaction.delete(this.#keys, accessKeyId);
      transaction.delete(this.#byOwner, `${ownerId}\n${accessKeyId}`);
      this.lastUses.delete(transaction, accessKeyId);
    });
  }

  /** Encrypts all secrets under the present master key. Resolves with their number. */
  reseal(): Promise<number> {
    return rewriteRows(this.#engine, this.#keys, (row) => {
      const text = this.#sealer.open(row.sealedSecret);
      return text === undefined ? undefined : { ...row, sealedSecret: this.#sealer.seal(text) };
    });
  }
}

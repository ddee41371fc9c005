import { Socket } from 'node:net';
import type { Client } from 'pg';
import type { Clock } from '../../support/clock.ts';
import { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import { type Egress, EgressRefusedError } from '../../support/egress.ts';
import { DatabaseError } from './errors.ts';
import { databaseLimits } from './limits.ts';
import {
  type Environment,
  type PostgresAddress,
  postgresAddress,
  type PostgresSettings,
} from './postgres-address.ts';

export interface PostgresConnectionsOptions {
  readonly settings: PostgresSettings;
  readonly environment: Environment;
  readonly egress: Pick<Egress, 'addressesOf'>;
  readonly clock: Clock;
}

interface Connection {
  readonly client: Client;
  readonly socket: Socket;
  /** Cancels the timer that closes an idle connection. */
  cancelIdle?: () => void;
}

/**
 * A bounded number of connections to one database. They are opened when needed and closed when idle, so a delivery
 * without records has none. Settings are read for each new connection. A connection is closed after any error.
 */
export class PostgresConnections {
  readonly #options: PostgresConnectionsOptions;
  readonly #room = new ConcurrencyLimit(databaseLimits.connectionsMax);
  readonly #idle = new Set<Connection>();
  #closed = false;

  constructor(options: PostgresConnectionsOptions) {
    this.#options = options;
  }

  /** Aborting ends the connection and the transaction in progress. Throws DatabaseError. */
  async run<Result>(work: (client: Client) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    return await this.#room.run(async () => {
      signal.throwIfAborted();
      const connection = this.#takeIdle() ?? (await this.#open());
      const timeout = AbortSignal.timeout(databaseLimits.transactionTimeoutMs);
      const ended = AbortSignal.any([signal, timeout]);
      const end = (): void => void connection.socket.destroy();
      ended.addEventListener('abort', end, { once: true });
      try {
        ended.throwIfAborted();
        const result = await work(connection.client);
        this.#keep(connection);
        return result;
      } catch (error) {
        connection.socket.destroy();
        signal.throwIfAborted();
        if (timeout.aborted) throw new DatabaseError('Database.Failed', 'The transaction took too long.');
        throw databaseError(error, 'Database.Failed');
      } finally {
        ended.removeEventListener('abort', end);
      }
    });
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#idle) this.#end(connection);
  }

  #takeIdle(): Connection | undefined {
    const [connection] = this.#idle;
    if (connection === undefined) return undefined;
    this.#idle.delete(connection);
    connection.cancelIdle?.();
    return connection;
  }

  #keep(connection: Connection): void {
    if (connection.socket.destroyed) return;
    if (this.#closed) return this.#end(connection);
    this.#idle.add(connection);
    connection.cancelIdle = this.#options.clock.schedule(databaseLimits.connectionIdleMs, () =>
      this.#end(connection),
    );
  }

  #end(connection: Connection): void {
    this.#idle.delete(connection);
    connection.cancelIdle?.();
    // Tries to end the session properly; the connection is closed in any case.
    connection.client.end().catch(() => connection.socket.destroy());
  }

  async #open(): Promise<Connection> {
    const { settings, environment, egress } = this.#options;
    const address = await postgresAddress(settings, environment);
    const { host, port } = address;
    let failure: unknown;
    try {
      for (const resolved of await egress.addressesOf(host, port)) {
        try {
          return await this.#connect(resolved, address);
        } catch (error) {
          failure = error;
        }
      }
    } catch (error) {
      failure = error;
    }
    throw databaseError(failure, 'Database.Unreachable');
  }

  async #connect(resolved: string, address: PostgresAddress): Promise<Connection> {
    // Loaded on first use, so that the server starts without the library.
    const { default: pg } = await import('pg');
    const { port, user, database, password, tls } = address;
    const socket = new Socket();
    const client = new pg.Client({
      host: resolved,
      port,
      user,
      database,
      // A function, so that neither the environment nor ~/.pgpass replaces an empty password.
      password: () => password ?? '',
      ssl: tls ?? false,
      stream: () => socket,
      keepAlive: true,
      connectionTimeoutMillis: databaseLimits.connectTimeoutMs,
      application_name: 'nagare',
      client_encoding: 'UTF8',
    });
    const connection: Connection = { client, socket };
    // An error during a query rejects the query. An error of an idle connection needs no handling: another one is
    // opened.
    client.on('error', () => {
      socket.destroy();
      this.#idle.delete(connection);
      connection.cancelIdle?.();
    });
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }
}

function databaseError(error: unknown, code: 'Database.Unreachable' | 'Database.Failed'): Error {
  if (error instanceof DatabaseError || error instanceof EgressRefusedError) return error;
  const message = error instanceof Error && error.message !== '' ? error.message : 'no connection';
  return new DatabaseError(code, `PostgreSQL: ${message}`);
}

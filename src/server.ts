import type { Config } from './config.ts';
import type { Log } from './support/log.ts';

/** A running nagare. */
export interface NagareServer {
  /** `http://127.0.0.1:4566` with the port that it really has. */
  readonly endpoint: string;
  /** Stops accepting, lets open requests end, stops the parts in reverse order. Idempotent. */
  close(): Promise<void>;
}

/** Wires the parts, starts them in order; what fails to start stops what had started. */
export async function startServer(config: Config, log: Log): Promise<NagareServer> {
  void config;
  void log;
  return await Promise.reject(new Error('being wired'));
}

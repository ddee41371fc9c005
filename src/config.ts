import type { Declarations } from './config/declarations.ts';

/**
 * All settings, read and checked once: flags over environment over `nagare.yaml` over defaults. The rest of the
 * code gets this object and looks nowhere else.
 */
export interface Config {
  /** Address to listen on. Without access keys only loopback is allowed. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly dataDir: string;
  readonly region: string;
  readonly accountId: string;
  /** Folder that relative paths of `nagare.yaml` are relative to. */
  readonly baseDir: string;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Streams, functions and so on that shall exist when the server is up. */
  readonly declarations: Declarations;
}

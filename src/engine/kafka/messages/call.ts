import type { WireReader } from '../wire-reader.ts';
import type { WireWriter } from '../wire-writer.ts';

/**
 * A request of Kafka's protocol and its response, at one version. All are versions before the "flexible" ones, with
 * tagged fields, so that they have one grammar; brokers from 2.3 on, and other servers of the protocol, offer them.
 */
export interface Call<Request, Response> {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  write(writer: WireWriter, request: Request): void;
  read(reader: WireReader): Response;
  /** Where a response of so many bytes is received; without it, in memory of its own. */
  memory?(request: Request, bytes: number): Buffer | undefined;
}

import type { Socket } from 'node:net';
import type { Clock } from '../../support/clock.ts';
import { reasonOf } from '../../support/errno.ts';
import { ConnectionLostError, KafkaError, KafkaSetupError, kafkaErrors } from './errors.ts';
import { kafkaLimits } from './limits.ts';
import { apiVersions } from './messages/api-versions.ts';
import type { Call } from './messages/call.ts';
import { createTopics } from './messages/create-topics.ts';
import { deleteRecords } from './messages/delete-records.ts';
import { describeConfigs } from './messages/describe-configs.ts';
import { fetchRecords } from './messages/fetch.ts';
import { initProducerId } from './messages/init-producer-id.ts';
import { listOffsets } from './messages/list-offsets.ts';
import { metadata } from './messages/metadata.ts';
import { produce } from './messages/produce.ts';
import { saslAuthenticate } from './messages/sasl-authenticate.ts';
import { saslHandshake } from './messages/sasl-handshake.ts';
import { saslExchange } from './sasl/exchange.ts';
import type { KafkaSasl, KafkaSecurity } from './security.ts';
import { addressName, openSocket, type Address, type Receiver } from './socket.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const CLIENT_ID = 'nagare';
const LENGTH_BYTES = 4;

/** What every broker must offer; those of SASL are asked for by their own error. */
const needed = [
  metadata,
  initProducerId,
  produce,
  fetchRecords,
  listOffsets,
  deleteRecords,
  createTopics,
  describeConfigs,
] as const;

interface Waiting {
  readonly correlationId: number;
  memory(bytes: number): Buffer | undefined;
  resolve(response: WireReader): void;
  reject(error: Error): void;
}

/** A connection to one broker. Requests may overlap; the broker answers them in order. */
export class Connection {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #nextCorrelationId = 1;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  /** What is being received: the length of the next response, or that response. */
  #into: Buffer = this.#length;
  #filled = 0;
  #closedBy: Error | undefined;
  /** When the broker demands that the client authenticates again, which a new connection does. */
  #usableUntilMs = Infinity;

  private constructor(address: Address, socket: Socket, clock: Clock) {
    this.address = address;
    this.#socket = socket;
    this.#clock = clock;
    socket.on('error', (error) => this.#lose(reasonOf(error)));
    socket.on('close', () => this.#lose('it was closed'));
  }

  /** Connects, checks the versions that the broker offers, and authenticates. */
  static async open(address: Address, security: KafkaSecurity, clock: Clock): Promise<Connection> {
    let opened: Connection | undefined;
    // A broker sends nothing before it is asked.
    const receiver: Receiver = {
      room: () => (opened === undefined ? undefined : opened.#room()),
      filled: (length) => opened !== undefined && opened.#advance(length),
      receive: (bytes) => opened !== undefined && opened.#receive(bytes),
    };
    const connection = new Connection(address, await openSocket(address, security.tls, receiver), clock);
    opened = connection;
    try {
      await connection.#checkVersions();
      if (security.sasl !== undefined) await connection.#authenticate(security.sasl);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get isUsable(): boolean {
    return this.#closedBy === undefined && this.#clock.now() < this.#usableUntilMs;
  }

  /** Rejects with ConnectionLostError if there is no answer: the request may have taken effect. */
  call<Request, Response>(
    call: Call<Request, Response>,
    request: Request,
    answerMs: number = kafkaLimits.answerMs,
  ): Promise<Response> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff;
    const body = new WireWriter();
    body.int16(call.key).int16(call.version).int32(correlationId).string(CLIENT_ID);
    call.write(body, request);
    const parts = body.finish();
    const length = new WireWriter(LENGTH_BYTES).int32(body.length).finish();
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(answerMs, () => {
        this.#lose(`no answer to ${call.name} in ${answerMs} ms`);
      });
      this.#waiting.push({
        correlationId,
        memory: (bytes) => call.memory?.(request, bytes),
        resolve: (reader) => {
          cancel();
          try {
            resolve(call.read(reader));
          } catch (error) {
            reject(this.#lose(`${call.name}: ${reasonOf(error)}`));
          }
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      });
      // One vectored write: the parts are not copied.
      this.#socket.cork();
      for (const part of [...length, ...parts]) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#lose('it was closed by nagare');
  }

  /**
   * Copies the bytes to where the response is put together. What a broker promises to send takes no memory before it
   * comes: the system gives it page by page.
   */
  #receive(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#closedBy === undefined;) {
      const copied = bytes.copy(this.#into, this.#filled, at);
      at += copied;
      this.#advance(copied);
    }
  }

  /** Where most of a large response is received without a copy. */
  #room(): Buffer | undefined {
    if (this.#into.length - this.#filled < kafkaLimits.readBytes) return undefined;
    return this.#into.subarray(this.#filled);
  }

  #advance(length: number): void {
    this.#filled += length;
    if (this.#filled === this.#into.length) this.#whole();
  }

  #whole(): void {
    const received = this.#into;
    this.#filled = 0;
    if (received !== this.#length) {
      this.#into = this.#length;
      this.#answer(new WireReader(received));
      return;
    }
    const length = received.readInt32BE(0);
    if (length < LENGTH_BYTES || length > kafkaLimits.responseBytesMax)
      this.#lose(`a response of ${length} bytes`);
    else this.#into = this.#waiting[0]?.memory(length) ?? Buffer.allocUnsafeSlow(length);
  }

  #answer(reader: WireReader): void {
    const correlationId = reader.int32();
    const waiting = this.#waiting.shift();
    if (waiting?.correlationId === correlationId) return waiting.resolve(reader);
    if (waiting !== undefined) this.#waiting.unshift(waiting);
    this.#lose('an answer to no request');
  }

  #lose(reason: string): Error {
    if (this.#closedBy !== undefined) return this.#closedBy;
    const error = new ConnectionLostError(
      `lost the connection to Kafka at ${addressName(this.address)}: ${reason}`,
    );
    this.#closedBy = error;
    this.#socket.destroy();
    this.#into = this.#length;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    return error;
  }

  async #checkVersions(): Promise<void> {
    const { errorCode, offered } = await this.call(apiVersions, undefined);
    const broker = `the Kafka broker at ${addressName(this.address)}`;
    if (errorCode !== kafkaErrors.none) throw new KafkaError(errorCode, broker);
    for (const { name, key, version } of needed) {
      const range = offered.find((each) => each.key === key);
      if (range === undefined) throw new KafkaSetupError(`${broker} does not offer ${name}`);
      if (version < range.versionMin || version > range.versionMax) {
        throw new KafkaSetupError(
          `${broker} offers ${name} in versions ${range.versionMin} to ${range.versionMax}; nagare needs ${version}`,
        );
      }
    }
  }

  async #authenticate(sasl: KafkaSasl): Promise<void> {
    const broker = `the Kafka broker at ${addressName(this.address)}`;
    const { mechanism } = sasl;
    const { errorCode, mechanisms } = await this.call(saslHandshake, { mechanism });
    if (errorCode !== kafkaErrors.none) {
      throw new KafkaSetupError(`${broker} offers SASL by ${mechanisms.join(', ')}, not by ${mechanism}`);
    }
    const exchange = saslExchange(sasl);
    let step = await exchange.next();
    let lifetimeMs = 0;
    while (step.done !== true) {
      const answer = await this.call(saslAuthenticate, { message: step.value });
      if (answer.errorCode !== kafkaErrors.none) {
        throw new KafkaSetupError(
          `${broker} refuses the credentials (SASL ${mechanism}): ${answer.errorMessage ?? 'no reason given'}`,
        );
      }
      lifetimeMs = answer.lifetimeMs;
      step = await exchange.next(answer.message);
    }
    // Early enough for what is under way.
    if (lifetimeMs > 0) this.#usableUntilMs = this.#clock.now() + lifetimeMs * 0.8;
  }
}

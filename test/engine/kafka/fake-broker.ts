import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Address } from '../../../src/engine/kafka/socket.ts';
import { WireReader } from '../../../src/engine/kafka/wire-reader.ts';
import { WireWriter } from '../../../src/engine/kafka/wire-writer.ts';

const NAMES = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  17: 'SaslHandshake',
  18: 'ApiVersions',
  19: 'CreateTopics',
  21: 'DeleteRecords',
  22: 'InitProducerId',
  32: 'DescribeConfigs',
  36: 'SaslAuthenticate',
} as const;

type CallName = (typeof NAMES)[keyof typeof NAMES];

/** What happens to one request: its answer is lost, or another one is sent, or it is not carried out at all. */
export type Fault =
  | 'lose answer'
  | 'lose request'
  | 'cut answer'
  | 'hold answer'
  | { readonly errorCode: number }
  | Buffer;

interface StoredBatch {
  readonly offset: number;
  readonly bytes: Buffer;
}

interface Producer {
  epoch: number;
  /** Of its newest batches. */
  batches: { readonly sequence: number; readonly offset: number }[];
}

/**
 * A Kafka broker in memory, with the rules that the shared log relies on: batches of an older epoch are refused, a
 * repeated batch is stored once, and a gap in the sequence is refused. It shows what no real broker does on demand.
 */
export class FakeBroker {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #batches: StoredBatch[] = [];
  readonly #producers = new Map<bigint, Producer>();
  #first = 0;
  #nextProducerId = 1000n;
  topic: { readonly name: string; readonly settings: Map<string, string> } | undefined;
  partitions = 1;
  /** Taken in turns, by name of the call. */
  readonly faults = new Map<CallName, Fault[]>();
  readonly received: CallName[] = [];
  /** What ApiVersions offers; versions that nagare uses, unless a test changes it. */
  readonly offered = new Map<number, readonly [number, number]>(
    Object.keys(NAMES).map((key) => [Number(key), [0, 12]]),
  );
  users: ReadonlyMap<string, string> | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(): Promise<FakeBroker> {
    const server = createServer();
    const broker = new FakeBroker(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return broker;
  }

  get address(): Address {
    // A server that listens on a port has an address of this form.
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  get stored(): number {
    return this.#batches.length;
  }

  /** As when a producer is silent for longer than the broker remembers it. */
  forgetProducers(): void {
    this.#producers.clear();
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.dropConnections();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    let answering = Promise.resolve();
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= bytes.readInt32BE(0) + 4) {
        const end = bytes.readInt32BE(0) + 4;
        const request = new WireReader(bytes.subarray(4, end));
        bytes = bytes.subarray(end);
        answering = answering.then(() => this.#answer(socket, request));
      }
    });
  }

  async #answer(socket: Socket, request: WireReader): Promise<void> {
    const key = request.int16();
    request.int16();
    const correlationId = request.int32();
    request.nullableString();
    // Requests of others are not sent by what is tested.
    const name = NAMES[key as keyof typeof NAMES];
    this.received.push(name);
    const fault = this.faults.get(name)?.shift();
    if (fault === 'lose request') return void socket.destroy();
    if (Buffer.isBuffer(fault)) return void socket.write(fault);
    const body = new WireWriter();
    body.int32(correlationId);
    const refusal = typeof fault === 'object' ? fault.errorCode : undefined;
    await this.#carryOut(name, request, body, refusal);
    if (fault === 'lose answer') return void socket.destroy();
    // Until the client gives it up.
    if (fault === 'hold answer') return void (await once(socket, 'close'));
    const parts = Buffer.concat(body.finish());
    const length = Buffer.alloc(4);
    length.writeInt32BE(parts.length);
    if (fault === 'cut answer') {
      socket.write(Buffer.concat([length, parts.subarray(0, parts.length - 3)]));
      socket.destroySoon();
      return;
    }
    socket.write(Buffer.concat([length, parts]));
  }

  // eslint-disable-next-line complexity
  async #carryOut(name: CallName, request: WireReader, body: WireWriter, refusal?: number): Promise<void> {
    const topic = this.topic?.name ?? '';
    switch (name) {
      case 'ApiVersions':
        body
          .int16(0)
          .array([...this.offered], (each, [key, [min, max]]) => each.int16(key).int16(min).int16(max));
        return;
      case 'Metadata': {
        const asked = request.array(() => request.string());
        const { host, port } = this.address;
        body.int32(0).array([0], (each) => each.int32(1).string(host).int32(port).string(null));
        body.string('cluster').int32(1);
        body.array(asked, (each, asks) => {
          const isThere = asks === this.topic?.name;
          each
            .int16(refusal ?? (isThere ? 0 : 3))
            .string(asks)
            .bool(false);
          const partitions = Array.from({ length: isThere ? this.partitions : 0 }, (_, index) => index);
          each.array(partitions, (partition, index) =>
            partition.int16(0).int32(index).int32(1).int32(1).int32(1).int32(1).int32(1).int32(0),
          );
        });
        return;
      }
      case 'CreateTopics': {
        const [created] = request.array(() => {
          const wanted = request.string();
          request.raw(10);
          const settings = request.array((): [string, string] => [request.string(), request.string()]);
          return { name: wanted, settings: new Map(settings) };
        });
        if (refusal === undefined) this.topic = created;
        body
          .int32(0)
          .int32(1)
          .string(created?.name ?? '')
          .int16(refusal ?? 0)
          .string(null);
        return;
      }
      case 'DescribeConfigs':
        body
          .int32(0)
          .int32(1)
          .int16(refusal ?? 0)
          .string(null)
          .int8(2)
          .string(topic);
        body.array([...(this.topic?.settings ?? [])], (each, [setting, value]) =>
          each.string(setting).string(value).bool(false).int8(1).bool(false).int32(0),
        );
        return;
      case 'InitProducerId':
        body
          .int32(0)
          .int16(refusal ?? 0)
          .int64(refusal === undefined ? this.#nextProducerId++ : -1n)
          .int16(0);
        return;
      case 'ListOffsets': {
        request.raw(8);
        request.string();
        request.raw(8);
        const offset = request.int64() === -1n ? this.#next : this.#first;
        body
          .int32(1)
          .string(topic)
          .int32(1)
          .int32(0)
          .int16(refusal ?? 0)
          .int64(-1)
          .int64(offset);
        return;
      }
      case 'DeleteRecords': {
        request.int32();
        request.string();
        request.raw(8);
        this.#first = Math.max(this.#first, request.number64());
        body
          .int32(0)
          .int32(1)
          .string(topic)
          .int32(1)
          .int32(0)
          .int64(this.#first)
          .int16(refusal ?? 0);
        return;
      }
      case 'Produce': {
        request.nullableString();
        request.raw(10);
        request.string();
        request.raw(8);
        const { errorCode, offset } =
          refusal === undefined
            ? this.#store(Buffer.from(request.bytes()))
            : { errorCode: refusal, offset: -1 };
        body
          .int32(1)
          .string(topic)
          .int32(1)
          .int32(0)
          .int16(errorCode)
          .int64(offset)
          .int64(-1)
          .int64(0)
          .int32(0);
        return;
      }
      case 'Fetch':
        return await this.#fetch(request, body, topic, refusal);
      case 'SaslHandshake':
        body
          .int16(request.string() === 'PLAIN' ? 0 : 33)
          .array(['PLAIN'], (each, mechanism) => each.string(mechanism));
        return;
      case 'SaslAuthenticate': {
        const [, user = '', password] = request.bytes().toString().split('\0');
        const isKnown = this.users?.get(user) === password;
        body
          .int16(isKnown ? 0 : 58)
          .string(isKnown ? null : 'wrong password')
          .bytes(Buffer.alloc(0))
          .int64(0);
        return;
      }
    }
  }

  get #next(): number {
    return (this.#batches.at(-1)?.offset ?? -1) + 1;
  }

  async #fetch(request: WireReader, body: WireWriter, topic: string, refusal?: number): Promise<void> {
    request.int32();
    const waitMs = request.int32();
    request.raw(17);
    request.int32();
    request.string();
    request.raw(12);
    const offset = request.number64();
    const isOutside = offset < this.#first || offset > this.#next;
    const deadline = performance.now() + waitMs;
    while (offset === this.#next && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const records = this.#batches.filter((batch) => batch.offset >= Math.max(offset, this.#first));
    const bytes = isOutside ? Buffer.alloc(0) : Buffer.concat(records.map((batch) => batch.bytes));
    body.int32(0).int16(0).int32(0).int32(1).string(topic).int32(1).int32(0);
    body
      .int16(refusal ?? (isOutside ? 1 : 0))
      .int64(this.#next)
      .int64(this.#next)
      .int64(this.#first);
    body.int32(0).int32(-1).bytes(bytes);
  }

  #store(bytes: Buffer): { readonly errorCode: number; readonly offset: number } {
    const id = bytes.readBigInt64BE(43);
    const epoch = bytes.readInt16BE(51);
    const sequence = bytes.readInt32BE(53);
    const producer = this.#producers.get(id);
    if (producer !== undefined && epoch < producer.epoch) return { errorCode: 47, offset: -1 };
    const known = producer?.epoch === epoch ? producer : undefined;
    const repeated = known?.batches.find((batch) => batch.sequence === sequence);
    if (repeated !== undefined) return { errorCode: 0, offset: repeated.offset };
    const last = known?.batches.at(-1);
    const isInOrder =
      producer === undefined || (last === undefined ? sequence === 0 : sequence === last.sequence + 1);
    if (!isInOrder) return { errorCode: 45, offset: -1 };
    const offset = this.#next;
    bytes.writeBigInt64BE(BigInt(offset), 0);
    this.#batches.push({ offset, bytes });
    const batches = [...(known?.batches ?? []), { sequence, offset }].slice(-5);
    this.#producers.set(id, { epoch, batches });
    return { errorCode: 0, offset };
  }
}

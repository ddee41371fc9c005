import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { Retrying } from '../shared/retrying.ts';
import { Connection } from './connection.ts';
import { ConnectionLostError, KafkaError, kafkaErrors, requireSuccess } from './errors.ts';
import { kafkaLimits } from './limits.ts';
import type { Call } from './messages/call.ts';
import { metadata, type ClusterMetadata } from './messages/metadata.ts';
import type { KafkaSecurity } from './security.ts';
import { addressName, type Address } from './socket.ts';

export interface KafkaClientOptions {
  readonly bootstrap: readonly Address[];
  readonly topic: string;
  readonly security: KafkaSecurity;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Finds the leader of partition 0 of a topic, and sends it requests. Connections are by lane, because a broker answers
 * those of one connection in order: a fetch that waits for news must not delay an append. A lane has one connection.
 */
export class KafkaClient {
  readonly #options: KafkaClientOptions;
  readonly #lanes = new Map<string, Promise<Connection>>();
  readonly #retrying: Retrying;
  /** Bootstrap addresses first, then those of all brokers that are known. */
  #addresses: readonly Address[];
  #lastGood: Address | undefined;
  #leader: Promise<Address> | undefined;

  constructor(options: KafkaClientOptions) {
    this.#options = options;
    this.#addresses = options.bootstrap;
    const { clock, log, topic } = options;
    const { retryMsMin: initialMs, retryMsMax: maxMs } = kafkaLimits;
    this.#retrying = new Retrying({ clock, log, about: { topic }, store: 'Kafka', initialMs, maxMs });
  }

  get closing(): AbortSignal {
    return this.#retrying.closing;
  }

  /** What the first broker that answers says about the cluster and the topic. */
  async describe(): Promise<ClusterMetadata> {
    const { bootstrap, topic } = this.#options;
    const addresses = new Map(
      [this.#lastGood, ...this.#addresses].flatMap((each) => (each ? [[addressName(each), each]] : [])),
    );
    let problem: unknown;
    for (const address of addresses.values()) {
      try {
        const connection = await this.#connection('metadata', address);
        const found = await connection.call(metadata, { topics: [topic] }, kafkaLimits.metadataMs);
        this.#lastGood = address;
        this.#addresses = [...bootstrap, ...found.brokers.slice(0, kafkaLimits.brokersMax)];
        return found;
      } catch (error) {
        problem = error;
        if (this.closing.aborted) break;
      }
    }
    throw problem;
  }

  /** Sends a request to the partition's leader. The caller reports an answer that says it is not, by `forgetLeader`. */
  async callLeader<Request, Response>(
    lane: string,
    call: Call<Request, Response>,
    request: Request,
    answerMs?: number,
  ): Promise<Response> {
    try {
      this.#leader ??= this.#findLeader();
      const address = await this.#leader;
      const connection = await this.#connection(lane, address);
      const unwatch = this.#watchLeader(connection);
      try {
        return await connection.call(call, request, answerMs);
      } finally {
        unwatch();
      }
    } catch (error) {
      this.forgetLeader();
      throw error;
    }
  }

  /** Sends a request that any broker takes, with KRaft; before it only the controller took some of them. */
  async callController<Request, Response>(
    call: Call<Request, Response>,
    request: Request,
    answerMs?: number,
  ): Promise<Response> {
    const { brokers, controller } = await this.describe();
    const broker = brokers.find(({ id }) => id === controller) ?? brokers[0];
    if (broker === undefined) throw new ConnectionLostError('the Kafka cluster knows no broker');
    const connection = await this.#connection('controller', broker);
    return await connection.call(call, request, answerMs);
  }

  /** Between two questions whose answer only time changes. */
  pause(): Promise<void> {
    return this.#retrying.pause(kafkaLimits.retryMsMax);
  }

  forgetLeader(): void {
    this.#leader = undefined;
  }

  closeLane(lane: string): void {
    const open = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    open?.then(
      (connection) => connection.close(),
      () => undefined,
    );
  }

  /** As Retrying does; after each failure the leader is looked for again. */
  retry<Result>(
    attempt: () => Promise<Result>,
    isFinal: (error: unknown) => boolean,
    signal?: AbortSignal,
  ): Promise<Result> {
    const forgetting = async (): Promise<Result> => {
      try {
        return await attempt();
      } catch (error) {
        this.forgetLeader();
        throw error;
      }
    };
    return this.#retrying.retry(forgetting, isFinal, signal);
  }

  async close(): Promise<void> {
    this.#retrying.close();
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    for (const opened of await Promise.allSettled(lanes)) {
      if (opened.status === 'fulfilled') opened.value.close();
    }
  }

  async #findLeader(): Promise<Address> {
    const { topics, brokers } = await this.describe();
    const topic = topics[0];
    requireSuccess(topic?.errorCode ?? kafkaErrors.unknownTopicOrPartition, this.#options.topic);
    const partition = topic?.partitions.find(({ index }) => index === 0);
    const leader = brokers.find(({ id }) => id === partition?.leader);
    if (leader === undefined) throw new KafkaError(kafkaErrors.leaderNotAvailable, this.#options.topic);
    return leader;
  }

  /**
   * A leader that hangs answers nothing and breaks no connection. While a request takes long, other brokers are asked
   * whether there is a new leader by now; then the connection is given up.
   */
  #watchLeader(connection: Connection): () => void {
    const { clock } = this.#options;
    let cancel: () => void;
    const ask = async (): Promise<void> => {
      const leader = await this.#findLeader().catch(() => undefined);
      if (leader !== undefined && addressName(leader) !== addressName(connection.address)) connection.close();
      else schedule();
    };
    let isOver = false;
    const schedule = (): void => {
      if (!isOver) cancel = clock.schedule(kafkaLimits.leaderCheckMs, () => void ask());
    };
    cancel = () => undefined;
    schedule();
    return () => {
      isOver = true;
      cancel();
    };
  }

  async #connection(lane: string, address: Address): Promise<Connection> {
    const open = this.#lanes.get(lane);
    const known = await open?.catch(() => undefined);
    if (known?.isUsable === true && addressName(known.address) === addressName(address)) return known;
    // Another caller of the lane has replaced it meanwhile.
    if (this.#lanes.get(lane) !== open) return await this.#connection(lane, address);
    this.closeLane(lane);
    this.closing.throwIfAborted();
    const { security, clock } = this.#options;
    const opening = Connection.open(address, security, clock);
    this.#lanes.set(lane, opening);
    const connection = await opening;
    // The log was closed, or the lane, while the connection opened.
    if (this.#lanes.get(lane) !== opening) connection.close();
    return connection;
  }
}

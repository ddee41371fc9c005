import type { Acting } from '../../../auth/authorization/acting.ts';
import { AlreadyLoggedError } from '../../../consumers/batch.ts';
import { guardedSource } from '../../../consumers/guarded-source.ts';
import type { StreamSource } from '../../../consumers/source.ts';
import type { MessageQueues } from '../../sqs/message-queues.ts';
import { actorFor, kindOfSource, sourceActions, sourceNotPermitted } from '../acting.ts';
import type { Functions } from '../functions.ts';
import { NOTHING_PROCESSED } from './mapping-row.ts';

export interface SourcePermitOptions {
  readonly acting: Acting;
  readonly functions: Functions;
  readonly functionArn: string;
  readonly sourceArn: string;
  /** Reports the mapping's result. */
  readonly report: (result: string) => Promise<void>;
}

/** Asks whether the role of a mapping's function may read its source, and shows in the mapping's result if it may not. */
export class SourcePermit {
  readonly #options: SourcePermitOptions;
  #isRefused = false;

  constructor(options: SourcePermitOptions) {
    this.#options = options;
  }

  /** Throws InvalidParameterValueException while the role may not. */
  async ask(actions: readonly string[]): Promise<void> {
    const { acting, functions, functionArn, sourceArn, report } = this.#options;
    const found = functions.describe(functionArn);
    // Without its function, the mapping says so when it invokes it.
    if (found === undefined) return;
    const actor = actorFor(found);
    for (const action of actions) {
      const refusal = await acting.refusalAtWork(actor, { action, resource: sourceArn });
      if (refusal === undefined) continue;
      const error = sourceNotPermitted(sourceArn, action);
      this.#isRefused = true;
      await report(`PROBLEM: ${error.message}`);
      throw error;
    }
    if (!this.#isRefused) return;
    this.#isRefused = false;
    await report(NOTHING_PROCESSED);
  }
}

/**
 * The streams as the function's role may read them: each read is one that it may do at that time. A refused one ends the
 * reading of the shard, which begins again at its checkpoint after a pause.
 */
export function permittedStreams(streams: StreamSource, options: SourcePermitOptions): StreamSource {
  if (!options.acting.isLimited) return streams;
  const permit = new SourcePermit(options);
  const actions: readonly string[] = sourceActions[kindOfSource(options.sourceArn)];
  const reading = actions.slice(-1);
  const ask = async (asked: readonly string[]): Promise<void> => {
    try {
      await permit.ask(asked);
    } catch (error) {
      throw new AlreadyLoggedError('the role of the function may not read the source', { cause: error });
    }
  };
  return guardedSource(streams, { open: () => ask(actions), read: () => ask(reading) });
}

/**
 * The queues as the function's role may use them. It must be allowed to delete messages when it receives them: they
 * would be delivered again and again otherwise.
 */
export function permittedQueues(queues: MessageQueues, options: SourcePermitOptions): MessageQueues {
  if (!options.acting.isLimited) return queues;
  const permit = new SourcePermit(options);
  return {
    describe: (arn) => queues.describe(arn),
    async receive(arn, request) {
      await permit.ask(sourceActions.queue);
      return await queues.receive(arn, request);
    },
    async delete(arn, receiptHandles) {
      await permit.ask(['sqs:DeleteMessage']);
      await queues.delete(arn, receiptHandles);
    },
    changeVisibility: (arn, receiptHandle, visibilityMs) =>
      queues.changeVisibility(arn, receiptHandle, visibilityMs),
    send: (arn, message) => queues.send(arn, message),
  };
}

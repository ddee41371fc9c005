interface Group<Message> {
  readonly messages: Message[];
  readonly committed: Promise<void>;
}

/**
 * Groups messages that are settled at about the same time: all that come until the engine carries out a commit are part
 * of it. A queue counts its messages in each commit, which costs more than the message.
 */
export class Settlements<Message> {
  readonly #commit: (takeMessages: () => readonly Message[]) => Promise<void>;
  /** The next commit, until the engine carries it out. */
  #next: Group<Message> | undefined;

  /** `takeMessages` ends the group. A commit that is carried out a second time gets the same messages. */
  constructor(commit: (takeMessages: () => readonly Message[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Durable when it resolves. When the commit fails, it fails for all of its messages. */
  settle(...settled: readonly Message[]): Promise<void> {
    if (this.#next !== undefined) {
      this.#next.messages.push(...settled);
      return this.#next.committed;
    }
    const messages = [...settled];
    let isTaken = false;
    const end = (): readonly Message[] => {
      isTaken = true;
      if (this.#next?.messages === messages) this.#next = undefined;
      return messages;
    };
    const committed = this.#commit(end).finally(end);
    if (!isTaken) this.#next = { messages, committed };
    return committed;
  }
}

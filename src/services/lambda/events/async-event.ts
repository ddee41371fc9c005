/** An accepted event without its payload. Its lane is the name of its function. */
export interface AsyncEvent {
  readonly requestId: string;
  readonly clientContext?: string;
}

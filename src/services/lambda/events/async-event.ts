/** An accepted event, besides its payload. Its lane is its function's name. */
export interface AsyncEvent {
  readonly requestId: string;
  readonly clientContext?: string;
}

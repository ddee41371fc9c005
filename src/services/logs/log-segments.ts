/** Where the events of a log group are: numbered segments, appended to the newest one. Used by one task at a time. */
export interface LogSegments {
  /** The numbers and sizes of the segments, oldest first. */
  list(): Promise<readonly { readonly number: number; readonly bytes: number }[]>;
  /** The lines of a segment; empty if it was removed in the meantime. */
  content(number: number): Promise<Buffer>;
  /** The segment that is open for appending, if any. */
  readonly openNumber: number | undefined;
  /**
   * Opens a segment for appending, in place of the one that is open. Ends a line that a crash or a failure has left
   * incomplete.
   */
  begin(number: number): Promise<void>;
  /** In the engine, all of it is stored or nothing. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was appended is durable. */
  sync(): Promise<void>;
  /** Nothing more is appended to the open segment. */
  finish(): Promise<void>;
  remove(number: number): Promise<void>;
  /** Overwrites the events of a stream with spaces, so that all others keep their positions. */
  blank(number: number, stream: string): Promise<void>;
  /** Removes all segments. */
  erase(): Promise<void>;
}

/** Something that the console does: what it says before, the commands that do the same, and the call that does it. */
export interface Action {
  readonly title: string;
  readonly verb: string;
  readonly says: string;
  /** It destroys something: this is typed first. */
  readonly confirm?: string;
  /** It changes nothing: a read-only console does it, too. */
  readonly isRead?: true;
  readonly commands: readonly string[];
  readonly call: readonly [service: string, operation: string, input: object];
}

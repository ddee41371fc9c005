/** Bounds of the command line. */
export const cliLimits = {
  /**
   * How soon after a signal a second one counts as the same: npm forwards a Ctrl-C that the terminal has already sent.
   */
  sameSignalMs: 500,
  /** How often the files of a certificate are checked for changes. */
  certificateCheckMs: 5000,
} as const;

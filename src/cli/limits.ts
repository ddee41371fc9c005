/** Bounds of the command line. */
export const cliLimits = {
  /**
   * How soon after a signal a second one counts as the same: npm forwards a Ctrl-C that the terminal has already sent.
   */
  sameSignalMs: 500,
} as const;

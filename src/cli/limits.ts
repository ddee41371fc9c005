/** Bounds of the command line. */
export const cliLimits = {
  sameSignalMs: 500,
} as const;

/** Bounds of the ownership of a data folder. */
export const dataFolderLimits = {
  /** How often an owner that writes nothing checks that the folder is still its own. Each sync checks too. */
  ownerCheckEveryMs: 1000,
} as const;

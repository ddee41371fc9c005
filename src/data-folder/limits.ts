/** Bounds of the ownership of a data folder. */
export const dataFolderLimits = {
  /** How often an owner that writes nothing looks whether the folder is still its own. Each sync looks too. */
  ownerCheckEveryMs: 1000,
} as const;

/** Bounds of the tagging API. */
export const taggingLimits = {
  /** Maximum size of a request. */
  requestBytesMax: 256 * 1024,
  /** Resources of a page of GetResources, as on AWS. */
  resourcesPerPageMax: 100,
  /** Tags of a page of GetResources that asks by TagsPerPage, as on AWS. */
  tagsPerPageMax: 500,
  /** Keys or values of a page of GetTagKeys and GetTagValues. */
  namesPerPageMax: 1_000,
} as const;

/** Bounds of the policy language; what a stored policy may have is further bounded by the services. */
export const policyLimits = {
  /** As in the IAM API's model. */
  documentCharactersMax: 131_072,
  /** Actions, resources, principals and condition values of a document, counted together. */
  valuesMax: 20_000,
} as const;

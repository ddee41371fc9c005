/** Bounds of the policy language; what a stored policy may have is further bounded by the services. */
export const policyLimits = {
  /** As in the IAM API's model. */
  documentCharactersMax: 131_072,
  /** Actions, resources, principals and condition values of a document, counted together. */
  valuesMax: 20_000,
  /** Steps of the comparisons of one decision; a request that needs more is denied. A character that is compared is one, a statement that covers the action ten. */
  decisionStepsMax: 1_000_000,
  /** Actions for which a compiled policy keeps the statements that are about them. */
  actionsKeptMax: 1_000,
} as const;

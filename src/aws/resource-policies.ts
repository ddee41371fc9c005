import { parseArn } from './arn.ts';

/** A service whose resources have policies. */
export interface PolicySource {
  /**
   * The policy document that governs the resource, as it is stored: for an object that of its bucket. Undefined if there
   * is none, or no such resource.
   */
  policyOf(arn: string): string | undefined;
}

/**
 * Finds the policy of a resource by ARN, without knowing the service that stores it. Each service registers itself under
 * its name in ARNs (`kinesis`, `lambda`, `sns`, `s3`).
 */
export class ResourcePolicies {
  readonly #sources = new Map<string, PolicySource>();

  register(service: string, source: PolicySource): void {
    this.#sources.set(service, source);
  }

  /** Undefined if the resource has no policy, does not exist, or is of a service whose resources have none. */
  policyOf(arn: string): string | undefined {
    const service = parseArn(arn)?.service;
    return service === undefined ? undefined : this.#sources.get(service)?.policyOf(arn);
  }
}

/** What a request must be allowed to do. */
export interface Permission {
  /** As in AWS's service authorization reference: `kinesis:PutRecord`. */
  readonly action: string;
  /** An ARN; `*` for actions that are not about a resource. */
  readonly resource: string;
  /** Condition keys of the service. */
  readonly keys?: ConditionKeys | undefined;
  /** The trust policy of the role, which is the resource, must allow it too. */
  readonly isTrusted?: boolean;
}

/** By name in lower case, or found when a policy reads them. Undefined values are absent. */
export type ConditionKeys = Readonly<Record<string, KeyValue>> | ((key: string) => KeyValue);

type KeyValue = string | readonly string[] | undefined;

export type ResourceTags = Readonly<Record<string, string>>;

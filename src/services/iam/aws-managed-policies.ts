import { createHash } from 'node:crypto';
import data from './aws-managed-policies.json' with { type: 'json' };
import type { ManagedPolicy } from './managed-policy.ts';

const prefix = 'arn:aws:iam::aws:policy';

export function isAwsManaged(arn: string): boolean {
  return arn.startsWith(`${prefix}/`);
}

/** AWS's managed policies that stream applications use, by ARN: the latest version of each. */
export const awsManagedPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  data.map((policy) => {
    const { name, path, version, created, updated, document } = policy;
    const arn = `${prefix}${path}${name}`;
    const updatedMs = Date.parse(updated);
    return [
      arn,
      {
        arn,
        id: idOf(arn),
        name,
        path,
        versions: [{ number: version, document: JSON.stringify(document), createdMs: updatedMs }],
        defaultVersion: version,
        createdMs: Date.parse(created),
        updatedMs,
        tags: {},
      },
    ] as const;
  }),
);

/** Always the same for an ARN. AWS does not publish its own IDs. */
function idOf(arn: string): string {
  const digest = createHash('sha256').update(arn).digest('hex').toUpperCase();
  return `ANPA${digest.slice(0, 17)}`;
}

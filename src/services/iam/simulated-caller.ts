import type { PolicyPrincipal } from '../../auth/policy/principal.ts';
import { invalidInput } from './errors.ts';
import type { PolicySource } from './policy-sources.ts';
import type { Simulation } from './simulation.ts';

type Caller = Pick<Simulation, 'principal' | 'context'>;

/** The caller of a simulation, with the context keys that follow from it. Throws InvalidInput. */
export function callerOf(arn: string): Caller {
  const principal = principalOf(arn);
  if (principal === undefined) throw invalidInput(`Invalid CallerArn: ${arn}`);
  return { principal, context: contextOf(principal) };
}

/** A user calls itself; a group or role stands for one that has its policies. */
export function callerOfSource({ arn, kind, name, id }: PolicySource): Caller {
  const { principal, context } = callerOf(arn);
  if (kind !== 'user') return { principal, context };
  return { principal, context: { ...context, 'aws:username': name, 'aws:userid': id } };
}

function principalOf(arn: string): PolicyPrincipal | undefined {
  const [, accountId] = /^arn:aws:(?:iam|sts)::(\d{12}):.+$/.exec(arn) ?? [];
  if (accountId === undefined) return undefined;
  const resource = arn.split(':').slice(5).join(':');
  if (resource.startsWith('user/')) return { kind: 'user', accountId, arn };
  if (resource.startsWith('role/')) return { kind: 'assumed-role', accountId, arn, roleArn: arn };
  if (resource.startsWith('group/')) return { kind: 'user', accountId, arn };
  const [, role] = /^assumed-role\/([^/]+)\/[^/]+$/.exec(resource) ?? [];
  if (role === undefined) return undefined;
  return { kind: 'assumed-role', accountId, arn, roleArn: `arn:aws:iam::${accountId}:role/${role}` };
}

function contextOf({ arn, roleArn, accountId, kind }: PolicyPrincipal): Record<string, string> {
  return {
    'aws:PrincipalArn': roleArn ?? arn,
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalType': kind === 'user' ? 'User' : 'AssumedRole',
    ...(kind === 'user' && { 'aws:username': arn.slice(arn.lastIndexOf('/') + 1) }),
  };
}

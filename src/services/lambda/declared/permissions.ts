import { isDeepStrictEqual } from 'node:util';
import { compileValidator } from '../../../protocol/validation.ts';
import { compact } from '../../../declarations/description.ts';
import type { PlanStep } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import api from '../api.json' with { type: 'json' };
import type { FunctionRegistry } from '../function-registry.ts';
import type { FunctionPolicies, PolicyOwner } from '../policies/function-policies.ts';
import { type PolicyStatement, statementOf } from '../policies/statement.ts';
import { aliasOwner, policyOwner } from '../policies/policy-owner.ts';
import type { DeclaredPermission } from './section.ts';

interface Dependencies {
  readonly registry: FunctionRegistry;
  readonly policies: FunctionPolicies;
}

/** The default of `action`. */
const INVOKE = 'lambda:InvokeFunction';

const violationsOf = compileValidator(api, 'AddPermissionRequest');

/** A statement of the policy of a function, or of an alias of it. */
interface PermissionName {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly id: string;
}

/** Adds a declared permission to a policy, or changes it. Throws DeclarationError, ServiceError. */
export function planPermission(
  { registry, policies }: Dependencies,
  { name, alias, id }: PermissionName,
  { input }: DeclaredPermission,
): PlanStep {
  const { Principal = '', Action = INVOKE, ...conditions } = input;
  const permission = { StatementId: id, Principal, Action, ...conditions };
  const violations = violationsOf({ FunctionName: name, Qualifier: alias, ...permission });
  if (violations !== undefined) throw new DeclarationError(violations);
  const statement = statementOf(permission, registry.arn(name) + (alias === undefined ? '' : `:${alias}`));
  const owner = ownerOf(registry, name, alias);
  const present = owner && policies.statement(owner, id);
  const apply = async (): Promise<void> => {
    const found = policyOwner(registry, name, alias);
    await policies.put(found, statement, (transaction) => registry.requireIn(transaction, name));
  };
  if (present === undefined) return { action: 'create', apply };
  if (!isDeepStrictEqual(present, statement)) return { action: 'change', apply };
  return { action: 'leave', apply: () => Promise.resolve() };
}

/** How a statement is declared; undefined when it says something that nagare.yaml cannot. */
export function declaredPermission(statement: PolicyStatement): Record<string, unknown> | undefined {
  const {
    Sid,
    Principal,
    Action,
    Resource,
    Condition: { StringEquals: equal = {}, ArnLike: alike = {} } = {},
  } = statement;
  const token = equal['lambda:EventSourceToken'];
  const organization = equal['aws:PrincipalOrgID'];
  const account = equal['AWS:SourceAccount'];
  const arn = alike['AWS:SourceArn'];
  const members = {
    Action,
    Principal: principalIn(Principal),
    ...(token !== undefined && { EventSourceToken: token }),
    ...(organization !== undefined && { PrincipalOrgID: organization }),
    ...(account !== undefined && { SourceAccount: account }),
    ...(arn !== undefined && { SourceArn: arn }),
  };
  if (!isDeepStrictEqual(statementOf({ StatementId: Sid, ...members }, Resource), statement))
    return undefined;
  return compact({
    action: Action === INVOKE ? undefined : Action,
    principal: members.Principal,
    eventSourceToken: token,
    principalOrgID: organization,
    sourceAccount: account,
    sourceArn: arn,
  });
}

function principalIn(principal: PolicyStatement['Principal']): string {
  if (principal === '*') return principal;
  return 'AWS' in principal ? principal.AWS : principal.Service;
}

export function findPermission({ registry, policies }: Dependencies, { name, alias, id }: PermissionName) {
  const owner = ownerOf(registry, name, alias);
  if (owner === undefined || policies.statement(owner, id) === undefined) return undefined;
  return { remove: () => policies.remove(owner, id, {}) };
}

/** Undefined when there is no such function. The policy of an alias can outlive it, until the file is applied. */
function ownerOf(
  registry: FunctionRegistry,
  name: string,
  alias: string | undefined,
): PolicyOwner | undefined {
  const found = registry.get(name);
  if (found === undefined || alias === undefined) return found;
  const row = registry.alias(name, alias);
  return row === undefined ? { definition: found.definition, qualifier: alias } : aliasOwner(row);
}

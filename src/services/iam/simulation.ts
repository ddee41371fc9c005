import type { EvaluationResult, Statement } from '@aws-sdk/client-iam';
import { ComparisonSteps, TooManyStepsError } from '../../auth/policy/comparison-steps.ts';
import { type CompiledPolicy, compilePolicy } from '../../auth/policy/compiled-policy.ts';
import { type Evaluation, evaluate } from '../../auth/policy/evaluate.ts';
import { parsePolicy } from '../../auth/policy/parse-policy.ts';
import type { PolicyPrincipal } from '../../auth/policy/principal.ts';
import { requestContext, type RequestContext } from '../../auth/policy/request-context.ts';
import { invalidInput, orMalformed } from './errors.ts';
import type { IdentityPolicy } from './identity-policies.ts';
import { iamLimits } from './limits.ts';

/** What both simulation operations have. */
export interface SimulationInput {
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[];
  readonly ResourcePolicy?: string;
  readonly ResourceOwner?: string;
  readonly ResourceHandlingOption?: string;
  readonly ContextEntries?: readonly {
    readonly ContextKeyName?: string;
    readonly ContextKeyValues?: readonly string[];
    readonly ContextKeyType?: string;
  }[];
}

/** Where a simulated policy comes from: one of IAM's own, or one that the call gives. */
export interface SimulatedPolicy {
  readonly id: string;
  readonly type: IdentityPolicy['source'] | 'resource' | 'none';
  readonly document: string;
}

export interface Simulation {
  readonly principal: PolicyPrincipal;
  readonly policies: readonly SimulatedPolicy[];
  readonly boundary: readonly SimulatedPolicy[] | undefined;
  /** Values of context keys besides those of the call. */
  readonly context: Readonly<Record<string, string>>;
  readonly accountId: string;
}

interface Prepared {
  readonly sources: ReadonlyMap<CompiledPolicy, SimulatedPolicy>;
  readonly identity: readonly CompiledPolicy[];
  readonly boundary: readonly CompiledPolicy[] | undefined;
  readonly resource: CompiledPolicy | undefined;
  readonly context: RequestContext;
}

/** Policies that a call gives are named by their place in it, as on AWS. */
export function givenPolicies(list: string, documents: readonly string[]): SimulatedPolicy[] {
  return documents.map((document, index) => ({ id: `${list}.${index + 1}`, type: 'none', document }));
}

export function ownPolicies(policies: readonly IdentityPolicy[]): SimulatedPolicy[] {
  return policies.map(({ name, source, document }) => ({ id: name, type: source, document }));
}

/** Evaluates every action on every resource. Throws InvalidInput. */
export function simulate(input: SimulationInput, simulation: Simulation): EvaluationResult[] {
  try {
    return simulateAll(input, simulation);
  } catch (error) {
    throw error instanceof TooManyStepsError ? tooManySteps() : error;
  }
}

function simulateAll(input: SimulationInput, simulation: Simulation): EvaluationResult[] {
  const { ActionNames, ResourceArns = ['*'], ResourceHandlingOption } = input;
  if (ResourceHandlingOption !== undefined) {
    throw invalidInput('nagare does not support ResourceHandlingOption: it has no EC2.');
  }
  if (ActionNames.length * ResourceArns.length > iamLimits.simulationsMax) {
    throw invalidInput(`A simulation can have at most ${iamLimits.simulationsMax} actions times resources.`);
  }
  for (const action of ActionNames) {
    if (!/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(action)) throw invalidInput(`Invalid Action Name: ${action}`);
  }
  const prepared = prepare(input, simulation);
  const resourceAccountId = ownerOf(input.ResourceOwner, simulation.accountId);
  return ActionNames.flatMap((action) =>
    ResourceArns.map((resource) => {
      const request = { principal: simulation.principal, action, resource, context: prepared.context };
      const evaluation = evaluate(request, { ...prepared, resourceAccountId });
      if (prepared.context.steps.areExceeded) throw new TooManyStepsError();
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: evaluation.decision,
        MatchedStatements: matchedStatements(evaluation, prepared),
        MissingContextValues: missingKeys(prepared, (policy) =>
          policy.statements.filter((statement) => statement.covers(request)),
        ),
        ...(evaluation.allowedByBoundary !== undefined && {
          PermissionsBoundaryDecisionDetail: {
            AllowedByPermissionsBoundary: evaluation.allowedByBoundary,
          },
        }),
      };
    }),
  );
}

function tooManySteps(): Error {
  return invalidInput(
    `A simulation can compare at most ${iamLimits.simulationStepsMax} characters: simulate fewer actions, resources or policies.`,
  );
}

function prepare(input: SimulationInput, simulation: Simulation): Prepared {
  const sources = new Map<CompiledPolicy, SimulatedPolicy>();
  const compile = (source: SimulatedPolicy): CompiledPolicy => {
    const kind = source.type === 'resource' ? 'resource' : 'identity';
    const policy = compilePolicy(orMalformed(() => parsePolicy(source.document, kind), 'InvalidInput'));
    sources.set(policy, source);
    return policy;
  };
  const { ResourcePolicy: document } = input;
  return {
    sources,
    identity: simulation.policies.map(compile),
    boundary: simulation.boundary?.map(compile),
    resource:
      document === undefined ? undefined : compile({ id: 'ResourcePolicy', type: 'resource', document }),
    context: contextOf(input, simulation),
  };
}

function contextOf({ ContextEntries = [] }: SimulationInput, { context }: Simulation): RequestContext {
  const given = ContextEntries.map((entry) => {
    const { ContextKeyName: key, ContextKeyValues: values = [], ContextKeyType: type = 'string' } = entry;
    if (key === undefined) throw invalidInput('A context entry has no ContextKeyName.');
    if (!type.endsWith('List') && values.length > 1) {
      throw invalidInput(`Context key ${key} of type ${type} can have only one value.`);
    }
    return [key, values] as const;
  });
  const own = Object.entries(context).map(([key, value]) => [key, [value]] as const);
  return requestContext([...own, ...given], new ComparisonSteps(iamLimits.simulationStepsMax));
}

/** An account's ID, or the ARN of a user, role or the account itself. */
function ownerOf(owner: string | undefined, accountId: string): string {
  if (owner === undefined) return accountId;
  const id = /^(?:arn:aws:iam::)?(\d{12})(?::.+)?$/.exec(owner)?.[1];
  if (id === undefined) throw invalidInput(`Invalid ResourceOwner: ${owner}`);
  return id;
}

function matchedStatements({ matched }: Evaluation, { sources }: Prepared): Statement[] {
  return matched.map(({ policy }) => {
    const { id, type } = sources.get(policy) ?? {};
    return { SourcePolicyId: id, SourcePolicyType: type };
  });
}

/** Keys of conditions that decide but have no value. */
function missingKeys(
  { sources, context }: Prepared,
  covering: (policy: CompiledPolicy) => CompiledPolicy['statements'],
): string[] {
  const missing = new Map<string, string>();
  for (const policy of sources.keys()) {
    for (const { conditionKeys } of covering(policy)) {
      for (const key of conditionKeys)
        if (context.get(key.toLowerCase()) === undefined) missing.set(key.toLowerCase(), key);
    }
  }
  return [...missing.values()];
}

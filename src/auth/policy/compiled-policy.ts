import { ArnPattern } from './arn-pattern.ts';
import { type CompiledCondition, compileCondition } from './compile-conditions.ts';
import type { PolicyDocument, Selection, Statement } from './document.ts';
import { type Grant, grantTo, type PolicyPrincipal } from './principal.ts';
import { policyLimits } from './limits.ts';
import type { RequestContext } from './request-context.ts';
import { TextPattern } from './text-pattern.ts';

/** What a principal wants to do. */
export interface PolicyRequest {
  readonly principal: PolicyPrincipal;
  /** Such as `kinesis:PutRecord`. */
  readonly action: string;
  /** An ARN, or `*` for an action without a resource. */
  readonly resource: string;
  readonly context: RequestContext;
}

/** A policy prepared for evaluation. */
export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[];
  /** The statements whose Action or NotAction includes the action. */
  about(action: string, context: RequestContext): readonly CompiledStatement[];
}

export interface CompiledStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly sid: string | undefined;
  /** The keys of its conditions, as they are written. */
  readonly conditionKeys: readonly string[];
  coversAction(action: string, context: RequestContext): boolean;
  /** Whether action and resource are the statement's, whatever its conditions say. */
  covers(request: PolicyRequest): boolean;
  /** What the statement, which covers the action, gives or denies; undefined if it does not apply. */
  apply(request: PolicyRequest): Grant | undefined;
}

export function compilePolicy({ version, statements }: PolicyDocument): CompiledPolicy {
  const compiled = statements.map((statement) => compileStatement(statement, version));
  const known = new Map<string, readonly CompiledStatement[]>();
  return {
    statements: compiled,
    about(action, context) {
      const found = known.get(action);
      if (found !== undefined) return found;
      const matching = compiled.filter((statement) => statement.coversAction(action, context));
      // A simulation can ask for any number of actions.
      if (known.size >= policyLimits.actionsKeptMax) known.clear();
      known.set(action, matching);
      return matching;
    },
  };
}

function compileStatement(statement: Statement, version: PolicyDocument['version']): CompiledStatement {
  const { effect, sid, principals, actions } = statement;
  const isAction = compileActions(actions);
  const isResource = compileResources(statement.resources, version === '2012-10-17');
  const conditions: readonly CompiledCondition[] = statement.conditions.map((condition) =>
    compileCondition(condition, version),
  );
  const covers = (request: PolicyRequest): boolean =>
    isAction(request.action, request.context) && isResource(request);
  return {
    effect,
    sid,
    conditionKeys: statement.conditions.map(({ key }) => key),
    coversAction: isAction,
    covers,
    apply(request) {
      if (!isResource(request)) return undefined;
      // The policies of an identity give to that identity.
      const grant = principals === undefined ? 'direct' : grantTo(principals, request.principal);
      if (grant === undefined) return undefined;
      return conditions.every((condition) => condition(request.context)) ? grant : undefined;
    },
  };
}

function compileActions({
  negated,
  patterns,
}: Selection<string>): (action: string, context: RequestContext) => boolean {
  const options = { wildcards: true, variables: false, ignoreCase: true };
  const compiled = patterns.map((pattern) => TextPattern.of(pattern, options));
  return (action, context) => compiled.some((pattern) => pattern.matches(action, context)) !== negated;
}

/** A statement of a trust policy has no resources: it is about its role. */
function compileResources(
  resources: Selection<string> | undefined,
  variables: boolean,
): (request: PolicyRequest) => boolean {
  if (resources === undefined) return () => true;
  const { negated, patterns } = resources;
  if (patterns.includes('*')) return () => !negated;
  const compiled = patterns.map((pattern) => new ArnPattern(pattern, { wildcards: true, variables }));
  return ({ resource, context }) =>
    compiled.some((pattern) => pattern.matches(resource, context)) !== negated;
}

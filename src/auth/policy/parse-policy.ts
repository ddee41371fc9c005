import type {
  Condition,
  PolicyDocument,
  PolicyKind,
  PolicyVersion,
  PrincipalPattern,
  Selection,
  Statement,
} from './document.ts';
import { legacyParsingError, MalformedPolicyError, syntaxError } from './errors.ts';
import { policyLimits } from './limits.ts';
import { parseConditions } from './parse-conditions.ts';
import { parsePrincipals } from './parse-principals.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const documentElements = new Set(['Version', 'Id', 'Statement']);
const statementElements = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/**
 * Parses and validates a policy document. Throws MalformedPolicyError with IAM's message, and checks in IAM's order:
 * the syntax of the whole first, then statement IDs, actions and resources.
 */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  if (text.length > policyLimits.documentCharactersMax) throw syntaxError();
  const document = parseJsonObject(text);
  if (Object.keys(document).some((name) => !documentElements.has(name))) throw syntaxError();
  if (Object.hasOwn(document, 'Id') && typeof document['Id'] !== 'string') throw syntaxError();
  const version = parseVersion(document);
  const raw = own(document, 'Statement');
  const list = Array.isArray(raw) ? raw : [raw];
  if (list.length === 0) throw syntaxError();
  const statements = list.map((statement: unknown) => parseStatement(objectOf(statement), kind));
  if (countValues(statements) > policyLimits.valuesMax) throw syntaxError();
  checkStatementIds(statements);
  checkActions(statements, kind);
  if (kind !== 'trust') checkResources(statements);
  return { version, statements };
}

function parseJsonObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedPolicyError('This policy contains invalid Json');
  }
  return objectOf(value);
}

export function objectOf(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw syntaxError();
  // JSON's objects have only names as keys.
  return value as JsonObject;
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Documents without a version have the older one. */
function parseVersion(document: JsonObject): PolicyVersion {
  const version = own(document, 'Version') ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') throw syntaxError();
  return version;
}

function parseStatement(statement: JsonObject, kind: PolicyKind): Statement {
  if (Object.keys(statement).some((name) => !statementElements.has(name))) throw syntaxError();
  const effect = own(statement, 'Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw syntaxError();
  const sid = own(statement, 'Sid');
  if (sid !== undefined && typeof sid !== 'string') throw syntaxError();
  const actions = selectionOf(statement, 'Action');
  if (actions === undefined) throw new MalformedPolicyError('Policy statement must contain actions.');
  const resources = resourcesOf(statement, kind);
  return {
    effect,
    sid: sid === '' ? undefined : sid,
    principals: principalsOf(statement, kind),
    actions,
    resources,
    conditions: conditionsOf(statement),
  };
}

function resourcesOf(statement: JsonObject, kind: PolicyKind): Selection<string> | undefined {
  const resources = selectionOf(statement, 'Resource');
  if (kind === 'trust') {
    if (resources !== undefined) throw new MalformedPolicyError('Has prohibited field Resource');
    return undefined;
  }
  if (resources === undefined) throw new MalformedPolicyError('Policy statement must contain resources.');
  return resources;
}

function principalsOf(statement: JsonObject, kind: PolicyKind): Selection<PrincipalPattern> | undefined {
  const listed = own(statement, 'Principal');
  const excluded = own(statement, 'NotPrincipal');
  if (kind === 'identity') {
    if (listed === undefined && excluded === undefined) return undefined;
    throw new MalformedPolicyError('Policy document should not specify a principal.');
  }
  if (listed !== undefined && excluded !== undefined) throw syntaxError();
  if (kind === 'trust' && excluded !== undefined) {
    throw new MalformedPolicyError('Has prohibited field NotPrincipal');
  }
  const given = listed ?? excluded;
  if (given === undefined) throw new MalformedPolicyError('Missing required field Principal');
  return { negated: excluded !== undefined, patterns: parsePrincipals(given) };
}

function conditionsOf(statement: JsonObject): readonly Condition[] {
  const condition = own(statement, 'Condition');
  return condition === undefined ? [] : parseConditions(objectOf(condition));
}

/** Undefined when the element is absent or an empty list. */
function selectionOf(statement: JsonObject, name: 'Action' | 'Resource'): Selection<string> | undefined {
  const listed = own(statement, name);
  const excluded = own(statement, `Not${name}`);
  if (listed !== undefined && excluded !== undefined) throw syntaxError();
  const given = listed ?? excluded;
  if (given === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const patterns = list.map((value) => {
    if (typeof value !== 'string') throw syntaxError();
    return value;
  });
  return patterns.length === 0 ? undefined : { negated: excluded !== undefined, patterns };
}

function countValues(statements: readonly Statement[]): number {
  let count = 0;
  for (const { actions, resources, principals, conditions } of statements) {
    count += actions.patterns.length + (resources?.patterns.length ?? 0) + (principals?.patterns.length ?? 0);
    for (const { values } of conditions) count += values.length;
  }
  return count;
}

function checkStatementIds(statements: readonly Statement[]): void {
  const ids = statements.flatMap(({ sid }) => (sid === undefined ? [] : [sid]));
  if (new Set(ids).size < ids.length) {
    throw new MalformedPolicyError('Statement IDs (SID) in a single policy must be unique.');
  }
}

function checkActions(statements: readonly Statement[], kind: PolicyKind): void {
  for (const { actions } of statements) {
    for (const action of actions.patterns) checkAction(action, kind);
  }
}

function checkAction(action: string, kind: PolicyKind): void {
  const [vendor = '', name, ...rest] = action.split(':');
  if (name === undefined && vendor !== '*') {
    throw new MalformedPolicyError(
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    );
  }
  if (rest.length > 0) throw new MalformedPolicyError('Actions/Condition can contain only one colon.');
  if (vendor !== '*' && !/^[a-zA-Z0-9.-]+$/.test(vendor)) {
    throw new MalformedPolicyError(`Vendor ${vendor} is not valid`);
  }
  if (kind === 'trust' && !/^sts:/i.test(action)) {
    throw new MalformedPolicyError('AssumeRole policy may only specify STS AssumeRole actions.');
  }
}

function checkResources(statements: readonly Statement[]): void {
  for (const { resources } of statements) {
    for (const resource of resources?.patterns ?? []) checkResource(resource);
  }
}

function checkResource(resource: string): void {
  if (resource === '*') return;
  const parts = resource.split(':');
  const [prefix, partition = '', vendor] = parts;
  if (prefix !== 'arn' || parts.length === 1) {
    throw new MalformedPolicyError(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (!/^(?:aws(?:-[a-z-]+)?|\*)$/.test(partition)) {
    throw new MalformedPolicyError(
      `Partition "${partition}" is not valid for resource "${arnOf(partition, parts)}".`,
    );
  }
  if (vendor === undefined || /[*?]/.test(vendor)) {
    throw new MalformedPolicyError('Resource vendor must be fully qualified and cannot contain regexes.');
  }
  if (vendor === '' || (parts.length < 6 && resource.includes('::'))) throw legacyParsingError();
}

/** IAM fills missing parts in this message with stars. */
function arnOf(partition: string, parts: readonly string[]): string {
  const [, , vendor = '*', region = '*', account = '*', ...resource] = parts;
  return ['arn', partition, vendor, region, account, resource.join(':') || '*'].join(':');
}

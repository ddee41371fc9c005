import { calculate, holds } from './arithmetic.ts';
import { assignment } from './assign.ts';
import { bindings } from './bind.ts';
import {
  type Context,
  Env,
  type Filter,
  JqBreak,
  type Label,
  madePath,
  NO_PATH,
  type Out,
  withClosure,
  withValue,
} from './filter.ts';
import {
  alternativeFilter,
  binaryFilter,
  commaFilter,
  ifFilter,
  logicFilter,
  negateFilter,
  pipeFilter,
  tryFilter,
} from './control.ts';
import { FORMATS, isFormat } from './formats.ts';
import { get, invalidPath, type Path } from './paths.ts';
import type { Compiler, FunctionDefinition, Scope } from './scope.ts';
import { type Definition, namesOf, type Node } from './syntax.ts';
import { JqSyntaxError } from './tokens.ts';
import { isObject, JqError, type Json, member, newObject, shown } from './values.ts';

const DEPTH_MAX = 300;

export function compileNode(node: Node, scope: Scope | undefined, compiler: Compiler): Filter {
  if (++compiler.depth > DEPTH_MAX)
    throw new JqSyntaxError(`the program is nested more than ${DEPTH_MAX} deep`);
  const filter = compileKind(node, scope, compiler);
  compiler.depth--;
  return filter;
}

function compileKind(node: Node, scope: Scope | undefined, compiler: Compiler): Filter {
  const compiled = (part: Node, inner = scope) => compileNode(part, inner, compiler);
  switch (node.kind) {
    case 'identity':
      return (input, path, _, out) => out(input, path);
    case 'literal': {
      const { value } = node;
      return (_, path, __, out) => out(value, madePath(path));
    }
    case 'string':
      return stringFilter(node, compiled);
    case 'format':
      return formatFilter(node.name);
    case 'index':
      return indexFilter(node, compiled);
    case 'slice':
      return sliceFilter(node, compiled);
    case 'iterate':
      return iterateFilter(compiled(node.target), node.optional === true, compiler.context);
    case 'array':
      return arrayFilter(node.body === undefined ? undefined : compiled(node.body), compiler.context);
    case 'object':
      return objectFilter(node, compiled, compiler.context);
    case 'pipe':
      return pipeFilter(compiled(node.left), compiled(node.right));
    case 'comma':
      return commaFilter(compiled(node.left), compiled(node.right));
    case 'and':
    case 'or':
      return logicFilter(node.kind, compiled(node.left), compiled(node.right));
    case 'alternative':
      return alternativeFilter(compiled(node.left), compiled(node.right));
    case 'negate':
      return negateFilter(compiled(node.body));
    case 'arithmetic': {
      const { operator } = node;
      const { budget } = compiler.context;
      return binaryFilter(compiled(node.left), compiled(node.right), (a, b) =>
        calculate(operator, a, b, budget),
      );
    }
    case 'compare': {
      const { operator } = node;
      return binaryFilter(compiled(node.left), compiled(node.right), (a, b) => holds(operator, a, b));
    }
    case 'assign':
      return assignment(node.operator, compiled(node.left), compiled(node.right), compiler.context);
    case 'if':
      return ifFilter(compiled(node.condition), compiled(node.whenTrue), compiled(node.whenFalse));
    case 'try':
      return tryFilter(compiled(node.body), node.handler === undefined ? undefined : compiled(node.handler));
    case 'reduce':
    case 'foreach':
    case 'bind':
      return bindings(node, compiled, (patterns) => withNames(scope, namesOf(patterns)), compiler.context);
    case 'label':
      return labelFilter(node.name, compiled(node.body, { parent: scope, name: `*${node.name}` }));
    case 'break':
      return breakFilter(node.name, scope);
    case 'define':
      return defineFilter(node.definition, node.body, scope, compiler);
    case 'call':
      return callFilter(node.name, node.args, scope, compiler);
    case 'variable':
      return variableFilter(node.name, scope);
  }
}

type CompilePart = (part: Node, inner?: Scope) => Filter;

function withNames(scope: Scope | undefined, names: readonly string[]): Scope | undefined {
  return names.reduce<Scope | undefined>((parent, name) => ({ parent, name: `$${name}` }), scope);
}

function stringFilter(node: Node & { kind: 'string' }, compiled: CompilePart): Filter {
  const format = formatOf(node.format);
  const parts = node.parts.map((part) => (typeof part === 'string' ? part : compiled(part)));
  return (input, path, env, out) => {
    const from = (at: number, text: string): void => {
      const part = parts[at];
      if (part === undefined) out(text, madePath(path));
      else if (typeof part === 'string') from(at + 1, text + part);
      else part(input, undefined, env, (value) => from(at + 1, text + format(value)));
    };
    from(0, '');
  };
}

function formatOf(name: string): (value: Json) => string {
  if (!isFormat(name)) throw new JqSyntaxError(`${name} is not a valid format`);
  return FORMATS[name];
}

function formatFilter(name: string): Filter {
  const format = formatOf(name);
  return (input, path, _, out) => out(format(input), madePath(path));
}

/** Reads a member or an element. `.a?` gives no output if the value cannot have one. */
type Read = (value: Json, key: Json, found: Path | undefined, out: Out) => void;

function read(value: Json, key: Json, found: Path | undefined, out: Out): void {
  out(get(value, key), extended(found, key, value));
}

function readOptional(value: Json, key: Json, found: Path | undefined, out: Out): void {
  let result: Json;
  try {
    result = get(value, key);
  } catch (error) {
    if (error instanceof JqError) return;
    throw error;
  }
  out(result, extended(found, key, value));
}

function indexFilter(node: Node & { kind: 'index' }, compiled: CompilePart): Filter {
  const readKey: Read = node.optional === true ? readOptional : read;
  if (node.key.kind === 'literal') {
    const key = node.key.value;
    if (node.target.kind === 'identity') return (input, path, _, out) => readKey(input, key, path, out);
    const target = compiled(node.target);
    return (input, path, env, out) =>
      target(input, path, env, (value, found) => readKey(value, key, found, out));
  }
  const [target, key] = [compiled(node.target), compiled(node.key)];
  return (input, path, env, out) =>
    key(input, undefined, env, (name) =>
      target(input, path, env, (value, found) => readKey(value, name, found, out)),
    );
}

function extended(path: Path | undefined, key: Json, value: Json): Path | undefined {
  if (path === undefined) return undefined;
  if (path === NO_PATH) throw invalidPath(value, key);
  return [...path, key];
}

function sliceFilter(node: Node & { kind: 'slice' }, compiled: CompilePart): Filter {
  const nothing: Node = { kind: 'literal', value: null };
  const readSlice: Read = node.optional === true ? readOptional : read;
  const target = compiled(node.target);
  const from = compiled(node.from ?? nothing);
  const to = compiled(node.to ?? nothing);
  return (input, path, env, out) =>
    to(input, undefined, env, (end) =>
      from(input, undefined, env, (start) => {
        const key = Object.assign(newObject(), { start, end });
        target(input, path, env, (value, found) => readSlice(value, key, found, out));
      }),
    );
}

function iterateFilter(target: Filter, optional: boolean, { budget }: Context): Filter {
  return (input, path, env, out) =>
    target(input, path, env, (value, found) => {
      if (Array.isArray(value)) {
        for (let at = 0; at < value.length; at++) {
          budget.spend(1);
          out(value[at] ?? null, extended(found, at, value));
        }
      } else if (isObject(value)) {
        for (const key of Object.keys(value)) {
          budget.spend(1);
          out(member(value, key), extended(found, key, value));
        }
      } else if (!optional)
        throw new JqError(`Cannot iterate over ${value === null ? 'null' : shown(value)}`);
    });
}

function arrayFilter(body: Filter | undefined, { budget }: Context): Filter {
  return (input, path, env, out) => {
    const items: Json[] = [];
    body?.(input, undefined, env, (value) => {
      budget.spend(1);
      items.push(value);
    });
    out(items, madePath(path));
  };
}

function objectFilter(node: Node & { kind: 'object' }, compiled: CompilePart, { budget }: Context): Filter {
  const entries = node.entries.map(({ key, value }) => ({ key: compiled(key), value: compiled(value) }));
  return (input, path, env, out) => {
    const from = (at: number, made: readonly (readonly [string, Json])[]): void => {
      const entry = entries[at];
      if (entry === undefined) {
        budget.spend(1 + made.length);
        const object = newObject();
        for (const [key, value] of made) object[key] = value;
        out(object, madePath(path));
        return;
      }
      entry.key(input, undefined, env, (key) => {
        if (typeof key !== 'string') throw new JqError(`Cannot use ${shown(key)} as object key`);
        entry.value(input, undefined, env, (value) => from(at + 1, [...made, [key, value]]));
      });
    };
    from(0, []);
  };
}

function labelFilter(name: string, body: Filter): Filter {
  return (input, path, env, out) => {
    const label: Label = { label: name };
    const inner = new Env(env);
    inner.label = label;
    try {
      body(input, path, inner, out);
    } catch (error) {
      if (!(error instanceof JqBreak && error.label === label)) throw error;
    }
  };
}

/** How many scopes out a name is bound. Undefined if it is not bound. */
function distance(scope: Scope | undefined, name: string): { depth: number; found: Scope } | undefined {
  let depth = 0;
  for (let at = scope; at !== undefined; at = at.parent) {
    if (at.name === name) return { depth, found: at };
    depth++;
  }
  return undefined;
}

function outer(env: Env | undefined, depth: number): Env | undefined {
  let at = env;
  for (let left = depth; left > 0; left--) at = at?.parent;
  return at;
}

function breakFilter(name: string, scope: Scope | undefined): Filter {
  const bound = distance(scope, `*${name}`);
  if (bound === undefined) throw new JqSyntaxError(`$*label-${name} is not defined`);
  return (_, __, env) => {
    throw new JqBreak(outer(env, bound.depth)?.label ?? { label: name });
  };
}

function variableFilter(name: string, scope: Scope | undefined): Filter {
  const bound = distance(scope, `$${name}`);
  if (bound === undefined) throw new JqSyntaxError(`$${name} is not defined`);
  const { depth } = bound;
  return (_, path, env, out) => out(outer(env, depth)?.value ?? null, madePath(path));
}

/**
 * The scope of a function's body: the function itself and its parameters. A `$` parameter is both a closure and a
 * value.
 */
export function functionScope(
  { name, params }: Definition,
  definition: FunctionDefinition,
  scope: Scope | undefined,
): Scope {
  let inner: Scope = { parent: scope, name: `${name}/${params.length}`, definition };
  for (const param of params) {
    if (param.startsWith('$')) {
      inner = { parent: inner, name: `${param.slice(1)}/0` };
      inner = { parent: inner, name: param };
    } else inner = { parent: inner, name: `${param}/0` };
  }
  return inner;
}

function defineFilter(
  definition: Definition,
  rest: Node,
  scope: Scope | undefined,
  compiler: Compiler,
): Filter {
  const { name, params } = definition;
  const defined: FunctionDefinition = { params, filter: undefined };
  const body = compileNode(definition.body, functionScope(definition, defined, scope), compiler);
  defined.filter = body;
  const inner: Scope = { parent: scope, name: `${name}/${params.length}`, definition: defined };
  const filter = compileNode(rest, inner, compiler);
  return (input, path, env, out) => {
    const own = withClosure(env, body, undefined);
    if (own.closure !== undefined) own.closure.env = own;
    filter(input, path, own, out);
  };
}

function callFilter(
  name: string,
  argNodes: readonly Node[],
  scope: Scope | undefined,
  compiler: Compiler,
): Filter {
  const signature = `${name}/${argNodes.length}`;
  const args = argNodes.map((arg) => compileNode(arg, scope, compiler));
  const bound = distance(scope, signature);
  const { budget } = compiler.context;
  if (bound === undefined) return compiler.library.call(name, args, compiler);
  const { depth, found } = bound;
  if (found.definition === undefined) {
    return (input, path, env, out) => {
      budget.spend(1);
      const closure = outer(env, depth)?.closure;
      closure?.filter(input, path, closure.env, out);
    };
  }
  const { params } = found.definition;
  return (input, path, env, out) => {
    const closure = outer(env, depth)?.closure;
    if (closure !== undefined)
      invoke(closure.filter, closure.env, { params, args }, compiler.context)(input, path, env, out);
  };
}

interface Invocation {
  readonly params: readonly string[];
  readonly args: readonly Filter[];
}

/** Calls a function. Its closures use the caller's variables, its body those of its definition. */
export function invoke(
  body: Filter,
  defined: Env | undefined,
  { params, args }: Invocation,
  { budget }: Context,
): Filter {
  return (input, path, env, out) => {
    budget.spend(1);
    const bind = (at: number, own: Env | undefined): void => {
      const param = params[at];
      const arg = args[at];
      if (param === undefined || arg === undefined) {
        budget.enter();
        body(input, path, own, out);
        budget.leave();
      } else if (param.startsWith('$')) {
        arg(input, undefined, env, (value) => {
          const constant: Filter = (_, within, __, inner) => inner(value, madePath(within));
          bind(at + 1, withValue(withClosure(own, constant, undefined), value));
        });
      } else bind(at + 1, withClosure(own, arg, env));
    };
    bind(0, defined);
  };
}

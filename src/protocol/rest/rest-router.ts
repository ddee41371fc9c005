import type { HttpRequest } from '../../http/message.ts';
import type { OperationModel, ServiceModel } from '../model.ts';
import type { PathParameters } from '../protocol.ts';
import { membersOf, shapeOf } from '../shapes.ts';

export interface RestMatch {
  readonly operation: OperationModel;
  readonly parameters: PathParameters;
}

interface Route {
  readonly operation: OperationModel;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** How many characters of the template are literal: more means more specific. */
  readonly literalLength: number;
  readonly literals: readonly (readonly [name: string, value: string | undefined])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
}

/**
 * Finds the operation of a REST request. Some S3 operations share method and path and differ in what they require
 * (UploadPart is a PutObject with partNumber and uploadId): of those whose requirements are all met, the one with the
 * most requirements wins.
 */
export function restRouter(
  model: ServiceModel,
): (
  method: string,
  path: string,
  query: URLSearchParams,
  headers: HttpRequest['headers'],
) => RestMatch | undefined {
  const byMethod = new Map<string, Route[]>();
  for (const operation of Object.values(model.operations)) {
    const route = compileRoute(model, operation);
    const routes = byMethod.get(operation.http.method);
    if (routes === undefined) byMethod.set(operation.http.method, [route]);
    else routes.push(route);
  }
  for (const [method, routes] of byMethod) {
    const sorted = routes.map((route) => withoutNeed(route, routes)).sort((a, b) => weight(b) - weight(a));
    byMethod.set(method, sorted);
  }
  return (method, path, query, headers) => {
    for (const route of byMethod.get(method) ?? []) {
      const match = route.pattern.exec(path);
      if (match === null || !meets(route, query, headers)) continue;
      const parameters = Object.fromEntries(route.labels.map((label, i) => [label, match[i + 1] ?? '']));
      return { operation: route.operation, parameters };
    }
    return undefined;
  };
}

/**
 * If no other operation is possible, the request is for this one even if something is missing; validation reports it.
 */
function withoutNeed(route: Route, all: readonly Route[]): Route {
  const alone = all.every((other) => other === route || other.pattern.source !== route.pattern.source);
  return alone ? { ...route, requiredQuery: [], requiredHeaders: [] } : route;
}

function weight(route: Route): number {
  const requirements = route.literals.length + route.requiredQuery.length + route.requiredHeaders.length;
  return route.literalLength * 100 + requirements;
}

function meets(route: Route, query: URLSearchParams, headers: HttpRequest['headers']): boolean {
  for (const [name, value] of route.literals) {
    if (!query.has(name) || (value !== undefined && query.get(name) !== value)) return false;
  }
  return (
    route.requiredQuery.every((name) => query.has(name)) &&
    route.requiredHeaders.every((name) => headers[name] !== undefined)
  );
}

function compileRoute(model: ServiceModel, operation: OperationModel): Route {
  const [path = '/', literalQuery = ''] = operation.http.requestUri.split('?');
  const labels: string[] = [];
  let literalLength = 0;
  const parts = path.split(/(\{[^}]+\})/).map((part) => {
    if (!part.startsWith('{')) {
      literalLength += part.length;
      return part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
    }
    const greedy = part.endsWith('+}');
    labels.push(part.slice(1, greedy ? -2 : -1));
    return greedy ? '(.+)' : '([^/]+)';
  });
  const input = operation.input === undefined ? undefined : shapeOf(model, operation.input.shape);
  const required = new Set(input?.required);
  const requiredAt = (location: string): string[] =>
    (input === undefined ? [] : membersOf(input))
      .filter(([name, reference]) => required.has(name) && reference.location === location)
      .map(([name, reference]) => reference.locationName ?? name);
  return {
    operation,
    pattern: new RegExp(`^${parts.join('').replace(/\/$/, '')}/?$`, 's'),
    labels,
    literalLength,
    literals: [...new URLSearchParams(literalQuery)].map(([name, value]) => [
      name,
      value === '' ? undefined : value,
    ]),
    requiredQuery: requiredAt('querystring'),
    requiredHeaders: requiredAt('header').map((name) => name.toLowerCase()),
  };
}

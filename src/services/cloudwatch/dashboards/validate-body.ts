import type { ServiceError } from '../../../errors.ts';
import { dashboardBodyInvalid, invalidParameterInput } from '../errors.ts';
import { cloudWatchLimits } from '../limits.ts';

/** What is wrong with a body, and where, as AWS writes it. */
export interface BodyProblem {
  readonly dataPath: string;
  readonly message: string;
}

type Check = (value: unknown, path: string, problems: BodyProblem[]) => void;
type Fields = Readonly<Record<string, unknown>>;

/**
 * Throws InvalidParameterInput for a body that does not have the structure of a dashboard
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html). Checks what AWS
 * refuses in the layout and in the properties without which a widget shows nothing; other properties are kept as they
 * are.
 */
export function checkDashboardBody(body: string): void {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw notAnObject();
  }
  if (!isObject(value)) throw notAnObject();
  const problems: BodyProblem[] = [];
  checkBody(value, problems);
  if (problems.length > 0)
    throw dashboardBodyInvalid(problems.slice(0, cloudWatchLimits.dashboardProblemsMax));
}

function notAnObject(): ServiceError {
  return invalidParameterInput('The field DashboardBody must be a valid JSON object');
}

function checkBody(body: Fields, problems: BodyProblem[]): void {
  require(body, ['widgets'], '', problems);
  const widgets = body['widgets'];
  if (widgets === undefined) return;
  if (!Array.isArray(widgets)) {
    problems.push({ dataPath: '/widgets', message: 'Should be array' });
  } else if (widgets.length > cloudWatchLimits.dashboardWidgetsMax) {
    const message = `Should NOT have more than ${cloudWatchLimits.dashboardWidgetsMax} items`;
    problems.push({ dataPath: '/widgets', message });
  } else {
    for (const [index, widget] of widgets.entries()) checkWidget(widget, `/widgets/${index}`, problems);
  }
}

const WIDGET_PROPERTIES: Readonly<Record<string, Check>> = {
  metric: checkMetricProperties,
  text: requires('markdown'),
  log: requires('query'),
  alarm: requires('alarms'),
  explorer: requires('metrics'),
  custom: requires('endpoint'),
  chart: requires('data'),
};

function checkWidget(widget: unknown, path: string, problems: BodyProblem[]): void {
  if (!isObject(widget)) {
    problems.push({ dataPath: path, message: 'Should be object' });
    return;
  }
  require(widget, ['type', 'properties'], path, problems);
  checkSize(widget, path, problems);
  const { type, properties } = widget;
  if (type === undefined || properties === undefined) return;
  const check = typeof type === 'string' ? new Map(Object.entries(WIDGET_PROPERTIES)).get(type) : undefined;
  if (check === undefined) {
    problems.push({ dataPath: `${path}/type`, message: 'Should be equal to one of the allowed values' });
  } else check(properties, `${path}/properties`, problems);
}

const SIZES = [
  ['x', 0, 23],
  ['y', 0, Infinity],
  ['width', 1, 24],
  ['height', 1, 1000],
] as const;

function checkSize(widget: Fields, path: string, problems: BodyProblem[]): void {
  for (const [name, least, most] of SIZES) {
    const value = widget[name];
    if (value === undefined) continue;
    const dataPath = `${path}/${name}`;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      problems.push({ dataPath, message: 'Should be integer' });
    } else if (value < least) problems.push({ dataPath, message: `Should be >= ${least}` });
    else if (value > most) problems.push({ dataPath, message: `Should be <= ${most}` });
  }
}

/** Metrics, or annotations of an alarm. */
function checkMetricProperties(properties: unknown, path: string, problems: BodyProblem[]): void {
  if (!isObject(properties)) {
    problems.push({ dataPath: path, message: 'Should be object' });
    return;
  }
  const { metrics, annotations } = properties;
  if (metrics === undefined && annotations === undefined) {
    require(properties, ['metrics', 'annotations'], path, problems);
    return;
  }
  if (metrics === undefined) return;
  if (!Array.isArray(metrics)) {
    problems.push({ dataPath: `${path}/metrics`, message: 'Should be array' });
    return;
  }
  for (const [index, metric] of metrics.entries()) checkMetric(metric, `${path}/metrics/${index}`, problems);
}

/** `[namespace, name, dimension, value, ..., {options}]`. */
function checkMetric(metric: unknown, path: string, problems: BodyProblem[]): void {
  if (!Array.isArray(metric)) {
    problems.push({ dataPath: path, message: 'Should be array' });
    return;
  }
  const words: readonly unknown[] = isObject(metric.at(-1)) ? metric.slice(0, -1) : metric;
  for (const [index, word] of words.entries()) {
    if (typeof word === 'string') continue;
    const message = 'Invalid metric field type, only "String" type is allowed';
    problems.push({ dataPath: `${path}/${index}`, message });
  }
}

function requires(...names: readonly string[]): Check {
  return (properties, path, problems) => {
    if (isObject(properties)) require(properties, names, path, problems);
    else problems.push({ dataPath: path, message: 'Should be object' });
  };
}

function require(object: Fields, names: readonly string[], path: string, problems: BodyProblem[]): void {
  for (const name of names) {
    if (object[name] === undefined) {
      problems.push({ dataPath: path, message: `Should have required property '${name}'` });
    }
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

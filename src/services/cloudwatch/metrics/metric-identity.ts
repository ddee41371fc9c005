/** A metric's identity: namespace, name, and dimensions in any order. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

/** Equal for equal metrics. Starts with namespace and name, so that keys sort by them. */
export function metricKey({ namespace, name, dimensions }: MetricName): string {
  const sorted = sortedDimensions(dimensions);
  return JSON.stringify([
    namespace,
    name,
    ...sorted.flatMap((dimension) => [dimension.name, dimension.value]),
  ]);
}

/** The common prefix of the keys of all metrics in a namespace. */
export function namespacePrefix(namespace: string): string {
  return `${JSON.stringify([namespace]).slice(0, -1)},`;
}

export function sortedDimensions(dimensions: readonly Dimension[]): Dimension[] {
  return [...dimensions].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

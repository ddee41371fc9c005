/** A metric is its namespace, its name, and its dimensions in any order. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

/** Equal for equal metrics. Begins with the namespace and the name, so that keys sort by them. */
export function metricKey({ namespace, name, dimensions }: MetricName): string {
  const sorted = sortedDimensions(dimensions);
  return JSON.stringify([
    namespace,
    name,
    ...sorted.flatMap((dimension) => [dimension.name, dimension.value]),
  ]);
}

/** What the keys of all metrics of a namespace begin with. */
export function namespacePrefix(namespace: string): string {
  return `${JSON.stringify([namespace]).slice(0, -1)},`;
}

export function sortedDimensions(dimensions: readonly Dimension[]): Dimension[] {
  return [...dimensions].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

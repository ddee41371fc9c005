/** What `nagare check` has found about one thing. */
export interface Finding {
  readonly check: string;
  readonly isWell: boolean;
  readonly says: string;
  readonly ageMs?: number;
  readonly maxAgeMs?: number;
}

export const checkFormats = ['text', 'json', 'nagios', 'prometheus'] as const;

export type CheckFormat = (typeof checkFormats)[number];

export function checkText(format: CheckFormat, name: string, findings: readonly Finding[]): string {
  switch (format) {
    case 'text':
      return findings
        .map(({ check, isWell, says }) => `${isWell ? 'ok     ' : 'problem'} ${check}: ${says}`)
        .join('\n');
    case 'json':
      return JSON.stringify(
        { Stream: name, Well: findings.every(({ isWell }) => isWell), Checks: findings },
        null,
        2,
      );
    case 'nagios':
      return nagios(name, findings);
    case 'prometheus':
      return prometheus(name, findings);
  }
}

/** One line with performance data (nagios-plugins.org/doc/guidelines.html). */
function nagios(name: string, findings: readonly Finding[]): string {
  const bad = findings.filter(({ isWell }) => !isWell);
  const shown = (bad.length === 0 ? findings : bad).map(({ check, says }) => `${check} ${says}`).join('; ');
  const data = findings.flatMap(({ check, ageMs, maxAgeMs }) =>
    ageMs === undefined || maxAgeMs === undefined
      ? []
      : [`'${check}'=${ageMs / 1000}s;;${maxAgeMs / 1000};0`],
  );
  const state = bad.length === 0 ? 'OK' : 'CRITICAL';
  return `STREAM ${state} - ${name}: ${shown}${data.length === 0 ? '' : ` | ${data.join(' ')}`}`;
}

/** For the textfile collector of Prometheus's node exporter. */
function prometheus(name: string, findings: readonly Finding[]): string {
  const stream = `stream="${name}"`;
  const isWell = findings.every((finding) => finding.isWell);
  const ages = findings.flatMap(({ check, ageMs }) =>
    ageMs === undefined ? [] : [`nagare_check_age_seconds{${stream},reader="${check}"} ${ageMs / 1000}`],
  );
  return [
    '# TYPE nagare_check_well gauge',
    `nagare_check_well{${stream}} ${isWell ? 1 : 0}`,
    ...(ages.length === 0 ? [] : ['# TYPE nagare_check_age_seconds gauge', ...ages]),
  ].join('\n');
}

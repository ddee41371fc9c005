import type { Config } from '../../config.ts';

/** Files of the server that functions must not read. */
export function secretFiles({ masterKeyFile, tls, rootKey, metricsToken, otlp }: Config): string[] {
  const files = [
    masterKeyFile,
    tls?.files?.key,
    rootKey?.file,
    metricsToken?.file,
    ...(otlp?.secretFiles ?? []),
  ];
  return files.filter((path) => path !== undefined);
}

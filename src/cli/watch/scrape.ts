import { type RunningServer } from '../api.ts';
import { ownRoute, refusal } from '../own-routes.ts';

/** Samples of a server's /metrics, by metric and stream. */
export type Samples = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface Scrape {
  readonly timeMs: number;
  readonly samples: Samples;
}

/** The text of the server's metrics. Rejects with CommandError. */
async function metricsText(server: RunningServer): Promise<string> {
  const answer = await ownRoute(server, '/_nagare/metrics');
  if (answer.ok) return answer.text;
  throw refusal(server, answer);
}

export async function scrape(server: RunningServer): Promise<Scrape> {
  const text = await metricsText(server);
  return { timeMs: performance.now(), samples: parseSamples(text) };
}

/** Samples with a label `stream`, and under an empty stream those without labels. */
export function parseSamples(text: string): Samples {
  const samples = new Map<string, Map<string, number>>();
  for (const [, name = '', labels = '', value = ''] of text.matchAll(/^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/gm)) {
    const stream = labels === '' ? '' : /(?:^|,)stream="((?:[^"\\]|\\.)*)"/.exec(labels)?.[1];
    if (stream === undefined) continue;
    let ofMetric = samples.get(name);
    if (ofMetric === undefined) {
      ofMetric = new Map();
      samples.set(name, ofMetric);
    }
    ofMetric.set(stream, (ofMetric.get(stream) ?? 0) + Number(value));
  }
  return samples;
}

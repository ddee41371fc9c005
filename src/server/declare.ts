import type { Declarations } from '../config/declarations.ts';
import { ConfigError } from '../config.ts';
import { DeclarationError, ServiceError } from '../errors.ts';
import type { Change, Declarer } from '../services/registration.ts';

/**
 * Brings about what `nagare.yaml` declares, what is referred to before what refers to it. Throws ConfigError with
 * every declaration that a service refused, in its words; when one could be refused beforehand, nothing is changed.
 * `start` lets functions run: it is called when all that readers of streams refer to is there.
 */
export async function applyDeclarations(
  declared: Declarations,
  declarer: Declarer,
  start: () => void,
): Promise<void> {
  const problems = new Problems(declared);
  const first = targets(declared, declarer, problems);
  const readers = streamReaders(declared, declarer, problems);
  problems.throwIfAny();
  for (const [place, change] of first) await problems.of(place, change);
  start();
  for (const [place, change] of readers) await problems.of(place, change);
  problems.throwIfAny();
}

/** Where a declaration stands in the file, and what problems call it when that is not its path there. */
interface Place {
  readonly path: string;
  readonly called?: string;
}

type Step = readonly [Place, Change];

/** What others refer to, and what waits to be called. */
function targets(declared: Declarations, declarer: Declarer, problems: Problems): Step[] {
  return [
    ...each('streams', declared.streams, problems, (name, stream) => declarer.stream(name, stream)),
    ...declared.buckets.flatMap((bucket, index) =>
      problems.checking({ path: `buckets.${index}`, called: `buckets.${bucket}` }, () =>
        declarer.bucket(bucket),
      ),
    ),
    ...each('functions', declared.functions, problems, (name, entry) => declarer.function(name, entry)),
    ...each('topics', declared.topics, problems, (name, topic) => declarer.topic(name, topic)),
    ...each('alarms', declared.alarms, problems, (name, alarm) => declarer.alarm(name, alarm)),
  ];
}

function streamReaders(declared: Declarations, declarer: Declarer, problems: Problems): Step[] {
  const sources = Object.entries(declared.functions).flatMap(([name, { eventSources }]) =>
    eventSources.flatMap((source, index) =>
      problems.checking({ path: `functions.${name}.eventSources.${index}` }, () =>
        declarer.eventSource(name, source),
      ),
    ),
  );
  return [
    ...sources,
    ...each('listLogs', declared.listLogs, problems, (name, log) => declarer.listLog(name, log)),
  ];
}

function each<Entry>(
  kind: string,
  entries: Readonly<Record<string, Entry>>,
  problems: Problems,
  check: (name: string, entry: Entry) => Change,
): Step[] {
  return Object.entries(entries).flatMap(([name, entry]) =>
    problems.checking({ path: `${kind}.${name}` }, () => check(name, entry)),
  );
}

/** Collects what services refuse; any other error rises. */
class Problems {
  readonly #declared: Declarations;
  readonly #found: string[] = [];

  constructor(declared: Declarations) {
    this.#declared = declared;
  }

  /** The step that a check gives, or none. */
  checking(place: Place, check: () => Change): Step[] {
    try {
      return [[place, check()]];
    } catch (error) {
      this.#note(place, error);
      return [];
    }
  }

  async of(place: Place, change: Change): Promise<void> {
    try {
      await change();
    } catch (error) {
      this.#note(place, error);
    }
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new ConfigError(this.#found);
  }

  #note({ path, called = path }: Place, error: unknown): void {
    if (!(error instanceof ServiceError) && !(error instanceof DeclarationError)) throw error;
    this.#found.push(`${this.#declared.placeOf(path)}: ${called}: ${error.message}`);
  }
}

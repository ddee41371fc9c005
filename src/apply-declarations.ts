import type {
  Declarations,
  DeclaredAlarm,
  DeclaredEventSource,
  DeclaredFunction,
  DeclaredListLog,
  DeclaredStream,
  DeclaredTopic,
} from './config/declarations.ts';
import { ConfigError } from './config.ts';
import { ServiceError } from './errors.ts';
import { DeclarationError } from './lambda/declared.ts';

/**
 * Each makes one thing be as declared: creates it, changes it, or leaves it alone. What is not declared any more
 * stays: it may hold data.
 */
export interface Declarer {
  stream(name: string, declared: DeclaredStream): Promise<void>;
  bucket(name: string): Promise<void>;
  function(name: string, declared: DeclaredFunction): Promise<void>;
  topic(name: string, declared: DeclaredTopic): Promise<void>;
  alarm(name: string, declared: DeclaredAlarm): Promise<void>;
  /** Lets functions run: all that are declared are known, and readers of streams may follow. */
  begin(): void;
  eventSource(functionName: string, declared: DeclaredEventSource): Promise<void>;
  listLog(name: string, declared: DeclaredListLog): Promise<void>;
}

/**
 * Brings about what `nagare.yaml` declares, what is referred to before what refers to it. Throws ConfigError with
 * every declaration that a service refused, in its words.
 */
export async function applyDeclarations(declared: Declarations, declarer: Declarer): Promise<void> {
  const problems: string[] = [];
  /** `told` is what problems call it, when that is not its path in the file. */
  async function attempt(path: string, apply: () => Promise<void>, told = path): Promise<void> {
    try {
      await apply();
    } catch (error) {
      if (!(error instanceof ServiceError) && !(error instanceof DeclarationError)) throw error;
      problems.push(`${declared.placeOf(path)}: ${told}: ${error.message}`);
    }
  }
  async function each<Entry>(
    kind: string,
    entries: Readonly<Record<string, Entry>>,
    apply: (name: string, entry: Entry) => Promise<void>,
  ): Promise<void> {
    for (const [name, entry] of Object.entries(entries)) {
      await attempt(`${kind}.${name}`, () => apply(name, entry));
    }
  }

  await each('streams', declared.streams, (name, stream) => declarer.stream(name, stream));
  for (const [index, bucket] of declared.buckets.entries()) {
    await attempt(`buckets.${index}`, () => declarer.bucket(bucket), `buckets.${bucket}`);
  }
  await each('functions', declared.functions, (name, entry) => declarer.function(name, entry));
  await each('topics', declared.topics, (name, topic) => declarer.topic(name, topic));
  await each('alarms', declared.alarms, (name, alarm) => declarer.alarm(name, alarm));
  declarer.begin();
  for (const [name, { eventSources }] of Object.entries(declared.functions)) {
    for (const [index, source] of eventSources.entries()) {
      const path = `functions.${name}.eventSources.${index}`;
      await attempt(path, () => declarer.eventSource(name, source));
    }
  }
  await each('listLogs', declared.listLogs, (name, log) => declarer.listLog(name, log));
  if (problems.length > 0) throw new ConfigError(problems);
}

import type {
  DestinationConfig,
  FunctionEventInvokeConfig,
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
  PutFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import type { Targets } from '../../../aws/targets.ts';
import type { Catalog, Table } from '../../../engine/catalog.ts';
import { ServiceError } from '../../../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { Clock } from '../../../support/clock.ts';
import { isDestination } from '../destinations.ts';
import {
  destinationConfigInvalid,
  destinationInvalid,
  destinationIsFunctionItself,
  eventInvokeConfigEmpty,
  eventInvokeConfigNotFound,
  eventInvokeFunctionNotFound,
  functionDeclared,
  invalidMarker,
} from '../errors.ts';
import type { FunctionDirectory } from '../function-directory.ts';
import { lambdaLimits } from '../limits.ts';
import { parseFunctionName } from '../names.ts';
import {
  eventInvokeTable,
  keyOf,
  type EventInvokeRow,
  type EventInvokeSettings,
} from './event-invoke-settings.ts';

type NamedInput = Pick<Checked<PutFunctionEventInvokeConfigRequest>, 'FunctionName' | 'Qualifier'>;
type ConfigInput = Checked<PutFunctionEventInvokeConfigRequest>;

export interface EventInvokeConfigsOptions {
  readonly catalog: Catalog;
  readonly registry: FunctionDirectory;
  readonly targets: Targets;
  readonly clock: Clock;
}

const LATEST = '$LATEST';

/** The settings of asynchronous invocation, per function and version or alias. */
export class EventInvokeConfigs {
  readonly #options: EventInvokeConfigsOptions;
  readonly #rows: Table<EventInvokeRow>;

  constructor(options: EventInvokeConfigsOptions) {
    this.#options = options;
    this.#rows = eventInvokeTable(options.catalog);
  }

  /** The settings that apply to an invocation. Declared functions have theirs in nagare.yaml. */
  settingsOf(name: string, qualifier: string = LATEST): EventInvokeSettings {
    const declared = this.#options.registry.get(name)?.definition.eventInvoke;
    return declared ?? this.#rows.get(keyOf(name, qualifier)) ?? {};
  }

  /** Throws ResourceNotFoundException. */
  get(input: NamedInput): FunctionEventInvokeConfig {
    const { name, qualifier } = this.#reference(input);
    return this.#describe(name, qualifier, this.#require(name, qualifier));
  }

  /** Replaces the settings. Throws InvalidParameterValueException, ResourceNotFoundException. */
  put(input: ConfigInput): Promise<FunctionEventInvokeConfig> {
    return this.#change(input, () => ({}));
  }

  /** Changes the given settings. Throws InvalidParameterValueException, ResourceNotFoundException. */
  update(input: ConfigInput): Promise<FunctionEventInvokeConfig> {
    return this.#change(input, (name, qualifier) => this.#require(name, qualifier));
  }

  /** Throws ResourceNotFoundException. */
  async delete(input: NamedInput): Promise<void> {
    const { name, qualifier } = this.#reference(input);
    await this.#options.catalog.commit((transaction) => {
      this.#require(name, qualifier);
      transaction.delete(this.#rows, keyOf(name, qualifier));
    });
  }

  /** The settings of all versions and aliases of a function, ordered by qualifier. */
  list(input: Checked<ListFunctionEventInvokeConfigsRequest>): ListFunctionEventInvokeConfigsResponse {
    const { name } = this.#reference({ FunctionName: input.FunctionName });
    const most = lambdaLimits.eventInvokeConfigsPerPage;
    const after = input.Marker === undefined ? '' : parseMarker(input.Marker);
    const declared = this.#options.registry.get(name)?.definition.eventInvoke;
    const rows: [string, EventInvokeRow][] =
      declared === undefined
        ? [...this.#rows.entries(keyOf(name, ''))].map(([key, row]) => [
            key.slice(keyOf(name, '').length),
            row,
          ])
        : [[LATEST, this.#require(name, LATEST)]];
    const found = rows
      .filter(([qualifier]) => qualifier > after)
      .sort(([one], [two]) => (one < two ? -1 : 1));
    const page = found.slice(0, Math.min(input.MaxItems ?? most, most));
    const last = page.at(-1);
    return {
      FunctionEventInvokeConfigs: page.map(([qualifier, row]) => this.#describe(name, qualifier, row)),
      ...(found.length > page.length && last !== undefined
        ? { NextMarker: Buffer.from(last[0]).toString('base64url') }
        : {}),
    };
  }

  async #change(
    input: ConfigInput,
    base: (name: string, qualifier: string) => EventInvokeSettings,
  ): Promise<FunctionEventInvokeConfig> {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig: destinations } = input;
    if (
      MaximumRetryAttempts === undefined &&
      MaximumEventAgeInSeconds === undefined &&
      destinations === undefined
    ) {
      throw eventInvokeConfigEmpty();
    }
    const { registry, catalog, clock } = this.#options;
    const { name, qualifier } = this.#reference(input);
    if (registry.isDeclared(name)) throw functionDeclared(name);
    if (destinations !== undefined) this.#checkDestinations(name, destinations);
    const row = await catalog.commit((transaction) => {
      const before = base(name, qualifier);
      const after = { ...withSettings(before, input), lastModifiedMs: clock.now() };
      transaction.put(this.#rows, keyOf(name, qualifier), after);
      return after;
    });
    return this.#describe(name, qualifier, row);
  }

  #reference(input: NamedInput): { readonly name: string; readonly qualifier: string } {
    try {
      const { reference } = this.#options.registry.resolve(input.FunctionName, input.Qualifier);
      return { name: reference.name, qualifier: reference.qualifier ?? LATEST };
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) throw eventInvokeFunctionNotFound();
      throw error;
    }
  }

  #require(name: string, qualifier: string): EventInvokeRow {
    const { registry } = this.#options;
    const definition = registry.get(name)?.definition;
    if (definition?.eventInvoke !== undefined && qualifier === LATEST) {
      return { ...definition.eventInvoke, lastModifiedMs: definition.lastModifiedMs };
    }
    const row = this.#rows.get(keyOf(name, qualifier));
    if (row === undefined) throw eventInvokeConfigNotFound(`${registry.arn(name)}:${qualifier}`);
    return row;
  }

  #checkDestinations(name: string, { OnSuccess, OnFailure }: Checked<DestinationConfig>): void {
    const success = OnSuccess?.Destination;
    const failure = OnFailure?.Destination;
    for (const arn of [failure, success]) this.#checkFunction(name, arn);
    const { targets } = this.#options;
    const areKnown =
      (isEmpty(success) || isDestination(targets, success, 'success')) &&
      (isEmpty(failure) || isDestination(targets, failure, 'failure'));
    if (!areKnown) throw destinationConfigInvalid(success, failure);
  }

  /** A destination that is a function must exist and be another one. */
  #checkFunction(name: string, arn: string | undefined): void {
    const { registry, targets } = this.#options;
    if (arn === undefined || targets.serviceOf(arn) !== 'lambda') return;
    let target: string;
    try {
      target = parseFunctionName(arn, registry.place).name;
      registry.resolve(arn);
    } catch (error) {
      if (error instanceof ServiceError) throw destinationInvalid(arn);
      throw error;
    }
    if (target === name) throw destinationIsFunctionItself();
  }

  #describe(name: string, qualifier: string, row: EventInvokeRow): FunctionEventInvokeConfig {
    const { retriesMax, eventAgeSecondsMax, onSuccess, onFailure, lastModifiedMs } = row;
    return {
      LastModified: new Date(lastModifiedMs),
      FunctionArn: `${this.#options.registry.arn(name)}:${qualifier}`,
      ...(retriesMax === undefined ? {} : { MaximumRetryAttempts: retriesMax }),
      ...(eventAgeSecondsMax === undefined ? {} : { MaximumEventAgeInSeconds: eventAgeSecondsMax }),
      DestinationConfig: {
        OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
        OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
      },
    };
  }
}

function withSettings(before: EventInvokeSettings, input: ConfigInput): EventInvokeSettings {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig: destinations } = input;
  const { onSuccess, onFailure, ...rest } = before;
  const success = destinations === undefined ? onSuccess : destinations.OnSuccess?.Destination;
  const failure = destinations === undefined ? onFailure : destinations.OnFailure?.Destination;
  return {
    ...rest,
    ...(MaximumRetryAttempts !== undefined && { retriesMax: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds !== undefined && { eventAgeSecondsMax: MaximumEventAgeInSeconds }),
    ...(!isEmpty(success) && { onSuccess: success }),
    ...(!isEmpty(failure) && { onFailure: failure }),
  };
}

function isEmpty(arn: string | undefined): arn is undefined | '' {
  return arn === undefined || arn === '';
}

/** A marker is the last qualifier of the previous page. */
function parseMarker(marker: string): string {
  const qualifier = Buffer.from(marker, 'base64url').toString();
  if (!/^(\$LATEST|[a-zA-Z0-9-_]{1,128})$/.test(qualifier)) throw invalidMarker();
  return qualifier;
}

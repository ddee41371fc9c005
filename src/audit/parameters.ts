import type { ServiceModel, Shape, ShapeReference } from '../protocol/model.ts';
import type { Service } from '../protocol/service.ts';
import { auditLimits } from './limits.ts';

/** CloudTrail's text in place of a value that is not for its readers. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
const OMITTED = 'OMITTED_BECAUSE_OF_ITS_SIZE';

/** `https://user:password@host` */
const USER_INFO = /(?<=:\/\/)[^\s/@]*@/g;

interface Room {
  characters: number;
}

/**
 * The input of an operation as CloudTrail shows it: names in lower camel case, without data and secrets. Hidden values
 * are not even read: their memory may be in use again.
 */
export class Parameters {
  readonly #model: ServiceModel;
  readonly #hidden: ReadonlySet<string>;

  constructor({ model, audit }: Pick<Service, 'model' | 'audit'>) {
    this.#model = model;
    this.#hidden = new Set(audit?.hidden);
  }

  /** Null for an operation without parameters. */
  of(operation: string, input: object): object | null {
    const shape = this.#model.operations[operation]?.input?.shape;
    if (shape === undefined) return null;
    const shown = this.#shown(shape, input, { characters: auditLimits.parametersCharactersMax });
    return typeof shown === 'object' && shown !== null && Object.keys(shown).length > 0 ? shown : null;
  }

  #shown(name: string, value: unknown, room: Room): unknown {
    const shape = this.#model.shapes[name];
    if (shape === undefined || this.#hides(name, shape)) return HIDDEN;
    if (room.characters <= 0) return OMITTED;
    if (typeof value !== 'object' || value === null) return scalar(value, room);
    if (value instanceof Date) return value.toISOString();
    if (shape.type === 'list') return this.#list(shape, value, room);
    return shape.type === 'map' ? this.#map(shape, value, room) : this.#structure(name, shape, value, room);
  }

  #hides(name: string, shape: Shape): boolean {
    if (this.#hidden.has(name) || shape.sensitive === true || shape.type === 'blob') return true;
    return shape.streaming === true || shape.eventstream === true || shape.document === true;
  }

  #structure(name: string, { members = {} }: Shape, value: object, room: Room): object {
    const shown: Record<string, unknown> = {};
    for (const [member, reference] of Object.entries(members)) {
      if (!Object.hasOwn(value, member)) continue;
      // A member of the shape, which the line above found.
      const given = (value as Record<string, unknown>)[member];
      if (given === undefined) continue;
      room.characters -= member.length;
      const isHidden = reference.streaming === true || this.#hidden.has(`${name}.${member}`);
      shown[lowerFirst(member)] = isHidden ? HIDDEN : this.#shown(reference.shape, given, room);
    }
    return shown;
  }

  #list({ member }: Shape, value: object, room: Room): unknown {
    if (!Array.isArray(value)) return OMITTED;
    const shown = value.slice(0, auditLimits.elementsMax).map((each) => this.#element(member, each, room));
    return value.length > shown.length ? [...shown, OMITTED] : shown;
  }

  #map({ key, value: reference }: Shape, value: object, room: Room): object {
    if (key !== undefined && this.#isHidden(key)) return {};
    const entries = Object.entries(value).slice(0, auditLimits.elementsMax);
    return Object.fromEntries(
      entries.map(([name, each]) => {
        room.characters -= name.length;
        return [shortened(name), this.#element(reference, each, room)];
      }),
    );
  }

  #isHidden({ shape: name }: ShapeReference): boolean {
    const shape = this.#model.shapes[name];
    return shape === undefined || this.#hides(name, shape);
  }

  #element(reference: ShapeReference | undefined, value: unknown, room: Room): unknown {
    return reference === undefined ? HIDDEN : this.#shown(reference.shape, value, room);
  }
}

function scalar(value: unknown, room: Room): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') return value;
  const shown = shortened(value.replaceAll(USER_INFO, '***@'));
  room.characters -= shown.length;
  return shown;
}

function shortened(text: string): string {
  const max = auditLimits.valueCharactersMax;
  return text.length > max ? `${text.slice(0, max)}...` : text;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

import {
  described,
  fields,
  listOf,
  moment,
  namesTo,
  number,
  oneOf,
  optional,
  reader,
  required,
  text,
  variable,
  wholeNumber,
  withDefault,
  yesOrNo,
  type FieldReader,
  type OptionalField,
  type YamlReader,
  type ValueOf,
} from '../config/yaml-reader.ts';
import type { ServiceModel, Shape } from '../protocol/model.ts';
import { membersOf, referenceOf, shapeOf } from '../protocol/shapes.ts';
import { compileValidator } from '../protocol/validation.ts';

type Fields = Readonly<Record<string, FieldReader<unknown> | OptionalField<unknown>>>;

/** Which members of an operation's input `nagare.yaml` accepts, and in which form. */
export interface InputForm<Input, Own extends Fields> {
  /** Other members cannot be declared, or are declared in another form. */
  readonly members: readonly (keyof Input & string)[];
  /** The required ones among these. */
  readonly required?: readonly (keyof Input & string)[];
  readonly defaults?: Readonly<Partial<Input>>;
  /** Keys that the operation does not have, such as a stream's name instead of its ARN. */
  readonly own: Own;
}

/** A declared input: the operation's members by AWS's names, and the other keys as in the file. */
export interface DeclaredInput<Input, Own> {
  readonly input: Partial<Input>;
  readonly own: Own;
}

/**
 * An operation's input as `nagare.yaml` declares it, read by the API's model: the keys are AWS's member names with a
 * lower-case first letter. Values are checked as the API checks them, with the same messages.
 */
export class ModelInput<Input extends object> {
  readonly #model: ServiceModel;
  readonly #shape: Shape;
  /** The operation of the input, for descriptions. */
  readonly #operation: string;
  readonly #violations: (input: object) => string | undefined;
  /** Readers for shapes whose declared form differs from the API's, for example tags as a map. */
  readonly #shapes: Readonly<Record<string, YamlReader<unknown>>>;

  constructor(
    model: ServiceModel,
    shapeName: string,
    shapes: Readonly<Record<string, YamlReader<unknown>>> = {},
  ) {
    this.#model = model;
    this.#shape = shapeOf(model, shapeName);
    const [operation] =
      Object.entries(model.operations).find(([, { input }]) => input?.shape === shapeName) ?? [];
    this.#operation = operation ?? shapeName;
    this.#violations = compileValidator(model, shapeName);
    this.#shapes = shapes;
  }

  reader<Own extends Fields>(
    form: InputForm<Input, Own>,
  ): YamlReader<DeclaredInput<Input, ValueOf<ReturnType<typeof fields<Own>>>>> {
    const known: Record<string, FieldReader<unknown> | OptionalField<unknown>> = { ...form.own };
    for (const member of form.members) known[declaredName(member)] = this.#field(member, form);
    const all = fields(known);
    return reader(all.schema, (node, place) => {
      const read: Readonly<Record<string, unknown>> | undefined = all(node, place);
      if (read === undefined) return undefined;
      const input = form.members.flatMap((member) => {
        const value = read[declaredName(member)];
        return value === undefined ? [] : [[member, value] as const];
      });
      const own = Object.keys(form.own).flatMap((key) => (key in read ? [[key, read[key]] as const] : []));
      // Input was generated from the model, and the readers of `own` have read its values.
      return { input: Object.fromEntries(input), own: Object.fromEntries(own) } as DeclaredInput<
        Input,
        ValueOf<ReturnType<typeof fields<Own>>>
      >;
    });
  }

  /** AWS's validation message; undefined for a valid input. */
  violations(input: Partial<Input>): string | undefined {
    return this.#violations(input);
  }

  #field(
    member: keyof Input & string,
    form: InputForm<Input, Fields>,
  ): FieldReader<unknown> | OptionalField<unknown> {
    const reference = this.#shape.members?.[member];
    if (reference === undefined) throw new Error(`the model has no member ${member}`);
    const read = described(`${member} of ${this.#operation}`, this.#read(reference.shape));
    const fallback = form.defaults?.[member];
    if (fallback !== undefined) return withDefault<unknown>(read, fallback);
    return form.required?.includes(member) === true ? required(read) : optional(read);
  }

  #read(shapeName: string): YamlReader<unknown> {
    const own = this.#shapes[shapeName];
    if (own !== undefined) return own;
    const shape = shapeOf(this.#model, shapeName);
    switch (shape.type) {
      case 'structure':
        return this.#structure(shapeName, shape);
      case 'list':
        return listOf(this.#read(referenceOf(shape, 'member').shape));
      case 'map':
        return namesTo(this.#read(referenceOf(shape, 'value').shape));
      case 'string':
        return shape.enum === undefined ? text() : oneOf(...shape.enum);
      case 'integer':
      case 'long':
        return whole(shape);
      case 'double':
      case 'float':
        return number;
      case 'boolean':
        return yesOrNo;
      case 'timestamp':
        return moment;
      default:
        throw new Error(`${shapeName} is a ${shape.type}, which cannot be declared`);
    }
  }

  #structure(shapeName: string, shape: Shape): YamlReader<unknown> {
    const members = membersOf(shape).map(([member, reference]) => {
      const read = described(`${member} of ${shapeName}`, this.#read(reference.shape));
      return [member, declaredName(member), read] as const;
    });
    const all = fields(
      Object.fromEntries(
        members.map(([member, name, read]) => {
          const needed = shape.required?.includes(member) === true;
          return [name, needed ? required(read) : optional(read)];
        }),
      ),
    );
    return reader(all.schema, (node, place) => {
      const read: Readonly<Record<string, unknown>> | undefined = all(node, place);
      if (read === undefined) return undefined;
      return Object.fromEntries(
        members.flatMap(([member, name]) => (read[name] === undefined ? [] : [[member, read[name]]])),
      );
    });
  }
}

/** Editors get the bounds from the schema; the server checks them with AWS's messages. */
function whole({ min, max }: Shape): YamlReader<number> {
  const any = wholeNumber(Number.MIN_SAFE_INTEGER);
  return reader(
    { ...any.schema, ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) },
    any,
  );
}

/** The member's name with its first word in lower case: `shardCount`, `okActions`, `kmsKeyArn`. */
export function declaredName(member: string): string {
  return member.replace(/^[A-Z]+?(?=[A-Z][a-z]|[a-z0-9]|$)/, (first) => first.toLowerCase());
}

/**
 * A map of names to strings, for what the API has as a list of pairs: tags by Key and Value, dimensions by Name and
 * Value.
 */
export function pairs(nameMember: string): YamlReader<readonly Readonly<Record<string, string>>[]> {
  const map = namesTo(variable);
  return reader(map.schema, (node, place) => {
    const read = map(node, place);
    return read && Object.entries(read).map(([name, Value]) => ({ [nameMember]: name, Value }));
  });
}

const tagMap = namesTo(variable);

/** Tags by key, as the list that the API takes. */
export const declaredTags: YamlReader<{ Key: string; Value: string }[]> = described(
  'Exactly these; if omitted, tags stay as they are',
  reader(tagMap.schema, (node, place) => {
    const map = tagMap(node, place);
    return map && Object.entries(map).map(([Key, Value]) => ({ Key, Value }));
  }),
);

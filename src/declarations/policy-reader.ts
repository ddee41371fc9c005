import {
  described,
  fields,
  listOf,
  namesTo,
  oneOf,
  optional,
  reader,
  required,
  text,
  variable,
  wordOr,
  type YamlReader,
} from '../config/yaml-reader.ts';

const texts = wordOr(text(), listOf(text()));

const principals = wordOr(text(), namesTo(texts));

/** A statement by the names of the policy language, in its order. */
const statement = fields({
  Sid: optional(text()),
  Effect: required(oneOf('Allow', 'Deny')),
  Principal: optional(principals),
  NotPrincipal: optional(principals),
  Action: optional(texts),
  NotAction: optional(texts),
  Resource: optional(texts),
  NotResource: optional(texts),
  Condition: optional(namesTo(namesTo(wordOr(variable, listOf(variable))))),
});

const document = fields({
  Version: optional(oneOf('2012-10-17', '2008-10-17')),
  Id: optional(text()),
  Statement: required(listOf(statement)),
});

const either = wordOr(text(), document);

/** A policy: the document as a map, or as a text in JSON. The value is the JSON. */
export const policyDocument: YamlReader<string> = reader(
  // Editors check no more than that: the policy language is not nagare's.
  { type: ['string', 'object'] },
  (node, place) => {
    const read = either(node, place);
    return typeof read === 'object' ? JSON.stringify(read) : read;
  },
);

export const policyReader: YamlReader<string> = described(
  'The policy of the resource: a policy document, or its JSON; see docs/resource-policies.md',
  policyDocument,
);

import { compileValidator } from '../../protocol/validation.ts';
import api from '../api.json' with { type: 'json' };
import { invalidDeclaration } from './errors.ts';

const violations = compileValidator(api, 'CreateEventSourceMappingRequest');

/** What the API's edge checks of a request, for a mapping that did not come through it. Throws InvalidParameterValueException. */
export function checkDeclared(input: object): void {
  const message = violations(input);
  if (message !== undefined) throw invalidDeclaration(message);
}

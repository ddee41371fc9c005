import { authLimits } from '../limits.ts';
import { type CompiledPolicy, compilePolicy } from '../policy/compiled-policy.ts';
import type { PolicyKind } from '../policy/document.ts';
import { MalformedPolicyError } from '../policy/errors.ts';
import { parsePolicy } from '../policy/parse-policy.ts';

/** Compiled policies by their text: the same policy is attached to many principals. */
export class CompiledPolicies {
  readonly #kept = new Map<string, CompiledPolicy>();
  #characters = 0;

  compile(text: string, kind: PolicyKind): CompiledPolicy {
    const name = `${kind} ${text}`;
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const compiled = compileOrDeny(text, kind);
    this.#characters += text.length;
    if (this.#characters > authLimits.policyCharactersKeptMax) {
      this.#kept.clear();
      this.#characters = text.length;
    }
    this.#kept.set(name, compiled);
    return compiled;
  }
}

/** Services store only policies that can be parsed. One that cannot be, after all, denies everything. */
function compileOrDeny(text: string, kind: PolicyKind): CompiledPolicy {
  try {
    return compilePolicy(parsePolicy(text, kind));
  } catch (error) {
    if (error instanceof MalformedPolicyError) return compilePolicy(parsePolicy(deniesAll, 'identity'));
    throw error;
  }
}

const deniesAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
});

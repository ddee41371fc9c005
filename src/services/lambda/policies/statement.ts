import type { AddPermissionRequest } from '@aws-sdk/client-lambda';
import { MalformedPolicyError } from '../../../auth/policy/errors.ts';
import { parsePrincipals } from '../../../auth/policy/parse-principals.ts';
import type { Checked } from '../../../protocol/service.ts';
import { invalidPrincipal, urlOptionMisused } from '../errors.ts';

/** A statement of a function's policy, in the form that AWS shows. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: Principal;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Principal = '*' | { readonly AWS: string } | { readonly Service: string };

/** What a permission says; `nagare.yaml` declares it too. */
export type Permission = Omit<Checked<AddPermissionRequest>, 'FunctionName' | 'Qualifier' | 'RevisionId'>;

/** The statement of a permission for the function, version or alias of that ARN. Throws InvalidParameterValueException. */
export function statementOf(permission: Permission, resourceArn: string): PolicyStatement {
  const { Action, InvokedViaFunctionUrl: viaUrl } = permission;
  if (permission.FunctionUrlAuthType !== undefined && Action !== 'lambda:InvokeFunctionUrl') {
    throw urlOptionMisused('FunctionUrlAuthType', 'lambda:InvokeFunctionUrl');
  }
  if (viaUrl !== undefined && Action !== 'lambda:InvokeFunction') {
    throw urlOptionMisused('InvokedViaFunctionUrl', 'lambda:InvokeFunction');
  }
  const condition = conditionOf(permission);
  return {
    Sid: permission.StatementId,
    Effect: 'Allow',
    Principal: principalOf(permission.Principal),
    Action,
    Resource: resourceArn,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function principalOf(text: string): Principal {
  if (text === '*') return '*';
  const principal = /^\d{12}$/.test(text)
    ? { AWS: `arn:aws:iam::${text}:root` }
    : text.startsWith('arn:')
      ? { AWS: text }
      : { Service: text };
  try {
    parsePrincipals(principal);
  } catch (error) {
    throw error instanceof MalformedPolicyError ? invalidPrincipal() : error;
  }
  return principal;
}

/** With the names of keys as AWS writes them. */
function conditionOf(permission: Permission): NonNullable<PolicyStatement['Condition']> {
  const equal = present({
    'lambda:FunctionUrlAuthType': permission.FunctionUrlAuthType,
    'aws:PrincipalOrgID': permission.PrincipalOrgID,
    'AWS:SourceAccount': permission.SourceAccount,
    'lambda:EventSourceToken': permission.EventSourceToken,
  });
  const alike = present({ 'AWS:SourceArn': permission.SourceArn });
  const flags = present({ 'lambda:InvokedViaFunctionUrl': permission.InvokedViaFunctionUrl?.toString() });
  return {
    ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
    ...(Object.keys(flags).length > 0 && { Bool: flags }),
    ...(Object.keys(alike).length > 0 && { ArnLike: alike }),
  };
}

function present(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

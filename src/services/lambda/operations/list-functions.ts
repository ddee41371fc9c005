import type { ListFunctionsRequest, ListFunctionsResponse } from '@aws-sdk/client-lambda';
import { lambdaLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { invalidMarker, unsupportedOption } from '../errors.ts';
import { configurationOf } from '../function-configuration.ts';

/**
 * Lists all functions by name, including declared ones, at most 50 at a time. With FunctionVersion ALL each function
 * has one version. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export async function listFunctions(
  { functions }: LambdaContext,
  input: Checked<ListFunctionsRequest>,
): Promise<ListFunctionsResponse> {
  if (input.MasterRegion !== undefined && input.MasterRegion !== 'ALL')
    throw unsupportedOption('MasterRegion');
  const after = input.Marker === undefined ? '' : parseMarker(input.Marker);
  const page = functions.list(
    after,
    Math.min(input.MaxItems ?? lambdaLimits.functionsPerPage, lambdaLimits.functionsPerPage),
  );
  const last = page.functions.at(-1);
  const suffix = input.FunctionVersion === 'ALL' ? ':$LATEST' : '';
  return {
    Functions: await Promise.all(
      page.functions.map((definition) =>
        configurationOf(definition, functions.arn(definition.name) + suffix),
      ),
    ),
    ...(page.more && last !== undefined ? { NextMarker: Buffer.from(last.name).toString('base64url') } : {}),
  };
}

/** A marker is the last name of the previous page. */
function parseMarker(marker: string): string {
  const name = Buffer.from(marker, 'base64url').toString();
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(name)) throw invalidMarker();
  return name;
}

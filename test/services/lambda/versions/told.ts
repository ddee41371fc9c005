import { InvokeCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { zip, type LambdaServer } from '../lambda-server.ts';

/** Tells which code ran, as which version, and how it was named. */
export function telling(text: string): string {
  return `export const handler = async (event, context) => [
    ${JSON.stringify(text)}, context.functionVersion, process.env.AWS_LAMBDA_FUNCTION_VERSION,
    context.invokedFunctionArn.split(':').slice(6).join(':'), process.env.COLOUR ?? null ];`;
}

export async function updateCode(server: LambdaServer, name: string, text: string, options: object = {}) {
  const code = zip({ 'index.mjs': telling(text) });
  return await server.client.send(
    new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: code, ...options }),
  );
}

export async function told(server: LambdaServer, name: string, qualifier?: string) {
  const { Payload, ExecutedVersion } = await server.client.send(
    new InvokeCommand({ FunctionName: name, ...(qualifier === undefined ? {} : { Qualifier: qualifier }) }),
  );
  const said: unknown = JSON.parse(Payload?.transformToString() ?? '');
  return { said, executed: ExecutedVersion };
}

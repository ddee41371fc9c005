/** What an AWS SDK needs to be given to talk to a test server. */
export function clientOptions(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}

/** The same as environment, for the AWS CLI and programs that bring their own client. */
export function clientEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

type Handler = (args: { readonly request: { readonly headers: Record<string, string> } }) => unknown;

interface MiddlewareStack {
  add(middleware: (next: Handler) => Handler, options: { readonly step: 'build' | 'deserialize' }): void;
}

/** A client of an SDK that sends these headers with each request. */
export function withHeaders<Client extends { readonly middlewareStack: object }>(
  client: Client,
  headers: Readonly<Record<string, string>>,
): Client {
  // Each client has its own type of stack; in this step all requests are HTTP.
  const stack = client.middlewareStack as MiddlewareStack;
  const adding = (next: Handler): Handler => {
    return (args) => {
      Object.assign(args.request.headers, headers);
      return next(args);
    };
  };
  stack.add(adding, { step: 'build' });
  return client;
}

/** Calls back with the headers of each answer. */
export function onHeaders(
  client: { readonly middlewareStack: object },
  found: (headers: Readonly<Record<string, string>>) => void,
): void {
  // As above; in this step results have the answer.
  const stack = client.middlewareStack as MiddlewareStack;
  const telling = (next: Handler): Handler => {
    return async (args) => {
      const result = (await next(args)) as {
        readonly response: { readonly headers: Record<string, string> };
      };
      found(result.response.headers);
      return result;
    };
  };
  stack.add(telling, { step: 'deserialize' });
}

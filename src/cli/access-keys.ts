import { Command } from 'commander';
import { AnsweredError, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { confirmed, withYes, type ConfirmFlags } from './confirm.ts';
import { callIam, iamList } from './iam-api.ts';
import type { XmlOutput } from './query-api.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from './output/output.ts';
import { CommandError, exitCodes, type Terminal } from './terminal.ts';

type JsonFlags = ServerFlags & { readonly json?: true };
type CreateFlags = JsonFlags & { readonly newUser?: true };

interface NewKey {
  readonly userName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface ListedKey {
  readonly userName: string;
  readonly accessKeyId: string;
  readonly status: string;
  readonly createDate: string;
}

/** The commands for access keys of users: they call IAM of a running server. */
export function accessKeyCommands(terminal: Terminal): Command[] {
  return [
    createCommand(terminal),
    listCommand(terminal),
    statusCommand(terminal, 'disable'),
    statusCommand(terminal, 'enable'),
    deleteCommand(terminal),
  ];
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('make an access key of a user and print it once; the server must be running')
    .argument('<user>', 'name of the user')
    .option('--new-user', 'create the user first')
    .option('--json', 'print JSON');
  return withServer(command).action(async (userName: string, flags: CreateFlags) => {
    const server = await serverOf(flags, terminal);
    if (flags.newUser === true)
      await explaining(userName, callIam(server, 'CreateUser', { UserName: userName }));
    printNewKey(await createKey(server, userName), flags, terminal);
  });
}

export async function createKey(server: RunningServer, userName: string): Promise<NewKey> {
  const made = await explaining(userName, callIam(server, 'CreateAccessKey', { UserName: userName }));
  const key = made.child('AccessKey');
  return {
    userName: key.text('UserName'),
    accessKeyId: key.text('AccessKeyId'),
    secretAccessKey: key.text('SecretAccessKey'),
  };
}

export function printNewKey(key: NewKey, { json }: JsonFlags, terminal: Terminal): void {
  if (json === true) return terminal.print(JSON.stringify(key));
  terminal.print(`access key of ${key.userName}; its secret is not shown again:

  export AWS_ACCESS_KEY_ID=${key.accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`);
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list the access keys of a user, or of all users, without secrets')
    .argument('[user]', 'name of the user');
  return withServer(withRows(command)).action(
    async (userName: string | undefined, flags: ServerFlags & OutputFlags) => {
      const server = await serverOf(flags, terminal);
      const keys: ListedKey[] = [];
      const found = userName === undefined ? keysOfAll(server) : keysOf(server, userName);
      for await (const key of found) keys.push(key);
      const columns = [
        { title: 'access key', of: (key: ListedKey) => key.accessKeyId },
        { title: 'status', of: (key: ListedKey) => key.status },
        { title: 'created', of: (key: ListedKey) => key.createDate },
        { title: 'user', of: (key: ListedKey) => key.userName },
      ];
      printRows(terminal, flags, columns, keys);
    },
  );
}

async function* keysOfAll(server: RunningServer): AsyncGenerator<ListedKey> {
  const users = iamList(server, 'ListUsers', { list: 'Users' });
  for await (const user of orExplained('', users)) yield* keysOf(server, user.text('UserName'));
}

async function* keysOf(server: RunningServer, userName: string): AsyncGenerator<ListedKey> {
  const keys = iamList(server, 'ListAccessKeys', { list: 'AccessKeyMetadata', UserName: userName });
  for await (const key of orExplained(userName, keys)) {
    yield {
      userName,
      accessKeyId: key.text('AccessKeyId'),
      status: key.text('Status'),
      createDate: key.text('CreateDate'),
    };
  }
}

function statusCommand(terminal: Terminal, name: 'disable' | 'enable'): Command {
  const meaning =
    name === 'disable' ? 'refuse requests with an access key' : 'accept a disabled access key again';
  const command = new Command(name).description(meaning).argument('<access-key-id>', 'the key');
  return withServer(withJson(command)).action(
    async (accessKeyId: string, flags: ServerFlags & OutputFlags) => {
      const server = await serverOf(flags, terminal);
      const status = name === 'disable' ? 'Inactive' : 'Active';
      await setStatus(server, accessKeyId, status);
      printResult(terminal, flags, `${accessKeyId} is ${name}d`, { accessKeyId, status });
    },
  );
}

async function setStatus(server: RunningServer, accessKeyId: string, status: string): Promise<void> {
  const UserName = await ownerOf(server, accessKeyId);
  await callIam(server, 'UpdateAccessKey', { UserName, AccessKeyId: accessKeyId, Status: status });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete an access key')
    .argument('<access-key-id>', 'the key');
  return withServer(withJson(withYes(command))).action(
    async (accessKeyId: string, flags: ServerFlags & OutputFlags & ConfirmFlags) => {
      const server = await serverOf(flags, terminal);
      const UserName = await ownerOf(server, accessKeyId);
      confirmed(flags, `this deletes the access key ${accessKeyId} of ${UserName}`);
      await callIam(server, 'DeleteAccessKey', { UserName, AccessKeyId: accessKeyId });
      printResult(terminal, flags, `${accessKeyId} is deleted`, { accessKeyId, deleted: true });
    },
  );
}

/** Makes a second key for the user of a key. The first one stays until it is deleted, so that clients can change over. */
export async function rotateKey(server: RunningServer, accessKeyId: string): Promise<NewKey> {
  return await createKey(server, await ownerOf(server, accessKeyId));
}

async function ownerOf(server: RunningServer, accessKeyId: string): Promise<string> {
  const found = callIam(server, 'GetAccessKeyLastUsed', { AccessKeyId: accessKeyId });
  const used = await found.catch((error: unknown) => {
    if (!(error instanceof AnsweredError) || error.code !== 'NoSuchEntity') throw explainedBy('', error);
    throw new CommandError(`no user has the access key ${accessKeyId}`, {
      exitCode: exitCodes.notFound,
      remedy: 'nagare key ls',
    });
  });
  return used.text('UserName');
}

async function explaining<Result>(userName: string, answer: Promise<Result>): Promise<Result> {
  return await answer.catch((error: unknown) => {
    throw explainedBy(userName, error);
  });
}

async function* orExplained(userName: string, items: AsyncIterable<XmlOutput>): AsyncGenerator<XmlOutput> {
  try {
    yield* items;
  } catch (error) {
    throw explainedBy(userName, error);
  }
}

/** The server's error with what to do about it. */
function explainedBy(userName: string, error: unknown): unknown {
  if (!(error instanceof AnsweredError)) return error;
  switch (error.code) {
    case 'NoSuchEntity':
      return new CommandError(`there is no user ${userName}`, {
        exitCode: exitCodes.notFound,
        remedy: `nagare key create ${userName} --new-user`,
      });
    case 'EntityAlreadyExists':
      return new CommandError(`there is a user ${userName} already`, {
        remedy: `nagare key create ${userName}`,
      });
    case 'LimitExceeded':
      return new CommandError(error.message, {
        exitCode: exitCodes.throttled,
        remedy: `nagare key ls ${userName}`,
      });
    case 'InvalidClientTokenId':
    case 'SignatureDoesNotMatch':
    case 'MissingAuthenticationToken':
      return new CommandError(error.message, {
        exitCode: exitCodes.unauthorised,
        remedy: 'export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET',
      });
    default:
      return error;
  }
}

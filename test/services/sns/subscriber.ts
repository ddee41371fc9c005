import { createVerify, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP endpoint of a user: remembers what it gets, confirms its subscriptions, answers as it is told. */
export class Subscriber {
  readonly #server: Server;
  readonly posts: Post[] = [];
  /** Visits the SubscribeURL of a SubscriptionConfirmation. */
  confirms = true;
  /** Statuses for the next posts; 200 after them. */
  answers: number[] = [];
  #waiting: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(): Promise<Subscriber> {
    const server = createServer();
    const subscriber = new Subscriber(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.statusCode = subscriber.answers.shift() ?? 200;
        response.end();
        void subscriber.#take({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return subscriber;
  }

  get url(): string {
    // It listens on a port.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/endpoint`;
  }

  /** The posts of a type so far. */
  of(type: string): Post[] {
    return this.posts.filter(({ headers }) => headers['x-amz-sns-message-type'] === type);
  }

  /** Resolves when there are so many posts of a type. */
  async until(type: string, count: number): Promise<Post[]> {
    while (this.of(type).length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.of(type);
  }

  /** Neither a server nor one of its functions is connected. */
  isUnconnected(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count === 0) : reject(error)));
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #take(post: Post): Promise<void> {
    this.posts.push(post);
    if (this.confirms && post.headers['x-amz-sns-message-type'] === 'SubscriptionConfirmation') {
      const url = notificationOf(post)['SubscribeURL'];
      if (url !== undefined) await (await fetch(url)).text();
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export type Notification = Readonly<Record<string, string | undefined>>;

export function notificationOf(post: Post): Notification {
  // What SNS sends: a flat object but for MessageAttributes.
  return JSON.parse(post.body) as Notification;
}

/** As AWS tells subscribers to do it, with the certificate from where the notification says it is. */
export async function isSignatureValid(notification: Notification): Promise<boolean> {
  const response = await fetch(notification['SigningCertURL'] ?? '');
  const certificate = new X509Certificate(await response.text());
  const members =
    notification['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const verify = createVerify(notification['SignatureVersion'] === '2' ? 'RSA-SHA256' : 'RSA-SHA1');
  for (const member of members) {
    const value = notification[member];
    if (value !== undefined) verify.update(`${member}\n${value}\n`);
  }
  return verify.verify(certificate.publicKey, notification['Signature'] ?? '', 'base64');
}

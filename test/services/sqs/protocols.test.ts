import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { signedFor } from '../../support/admission.ts';

let server: TestServer;

before(async () => {
  server = await startTestServer();
});
after(() => server.close());

async function form(
  path: string,
  parameters: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.endpoint}${path}`, {
    method: 'POST',
    headers: signedFor('sqs'),
    body: new URLSearchParams({ Version: '2012-11-05', ...parameters }),
  });
  return { status: response.status, text: await response.text() };
}

async function json(path: string, operation: string, input: object): Promise<Response> {
  return await fetch(`${server.endpoint}${path}`, {
    method: 'POST',
    headers: {
      ...signedFor('sqs'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
    },
    body: JSON.stringify(input),
  });
}

function inElement(name: string, text: string): string[] {
  return Array.from(text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g')), ([, found = '']) => found);
}

describe('the query protocol', () => {
  it('serves queues on / and on their URLs, as SDKs did before JSON', async () => {
    const created = await form('/', {
      Action: 'CreateQueue',
      QueueName: 'forms',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '7',
      'Tag.1.Key': 'a',
      'Tag.1.Value': 'b',
    });
    const [url = ''] = inElement('QueueUrl', created.text);
    assert.equal(url, `${server.endpoint}/000000000000/forms`);
    const { pathname } = new URL(url);
    const sent = await form(pathname, {
      Action: 'SendMessageBatch',
      'SendMessageBatchRequestEntry.1.Id': 'one',
      'SendMessageBatchRequestEntry.1.MessageBody': 'a & b',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Name': 'n',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType': 'String',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue': 'v',
    });
    assert.deepEqual(inElement('Id', sent.text), ['one']);
    const received = await form('/', {
      Action: 'ReceiveMessage',
      QueueUrl: url,
      'AttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'All',
    });
    assert.deepEqual(inElement('Body', received.text), ['a &amp; b']);
    assert.deepEqual(inElement('Name', received.text), ['ApproximateReceiveCount', 'n']);
    assert.deepEqual(inElement('StringValue', received.text), ['v']);
    const [handle = ''] = inElement('ReceiptHandle', received.text);
    const deleted = await form(pathname, {
      Action: 'DeleteMessageBatch',
      'DeleteMessageBatchRequestEntry.1.Id': 'x',
      'DeleteMessageBatchRequestEntry.1.ReceiptHandle': handle,
    });
    assert.deepEqual(inElement('Id', deleted.text), ['x']);
    const attributes = await form('/', {
      Action: 'GetQueueAttributes',
      QueueUrl: url,
      'AttributeName.1': 'VisibilityTimeout',
    });
    assert.match(attributes.text, /<Attribute><Name>VisibilityTimeout<\/Name><Value>7<\/Value><\/Attribute>/);
    const tags = await form('/', { Action: 'ListQueueTags', QueueUrl: url });
    assert.match(tags.text, /<Tag><Key>a<\/Key><Value>b<\/Value><\/Tag>/);
    const listed = await fetch(`${server.endpoint}/?Action=ListQueues&Version=2012-11-05`, {
      headers: signedFor('sqs'),
    });
    assert.deepEqual(inElement('QueueUrl', await listed.text()), [url]);
  });

  it('has its own names of errors', async () => {
    const { status, text } = await form('/000000000000/nobody', { Action: 'SendMessage', MessageBody: 'a' });
    assert.equal(status, 400);
    assert.deepEqual(inElement('Code', text), ['AWS.SimpleQueueService.NonExistentQueue']);
    assert.deepEqual(inElement('Type', text), ['Sender']);
    // AWS's words differ from those in JSON.
    assert.deepEqual(inElement('Message', text), [
      'The specified queue does not exist for this wsdl version.',
    ]);
    const missing = await form('/', { Action: 'SendMessage', MessageBody: 'a' });
    assert.deepEqual(inElement('Code', missing.text), ['MissingParameter']);
  });
});

describe('JSON 1.0', () => {
  it('takes calls on queue URLs, whatever their host, and names errors in both ways', async () => {
    await json('/', 'CreateQueue', { QueueName: 'documents' });
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/documents';
    const sent = await json('/000000000000/documents', 'SendMessage', { QueueUrl, MessageBody: 'a' });
    assert.equal(sent.status, 200);
    const response = await json('/', 'ReceiveMessage', { QueueUrl: `${QueueUrl}2` });
    assert.equal(response.status, 400);
    assert.equal(
      response.headers.get('x-amzn-query-error'),
      'AWS.SimpleQueueService.NonExistentQueue;Sender',
    );
    assert.deepEqual(await response.json(), {
      __type: 'com.amazonaws.sqs#QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
    const invalid = await json('/', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 11 });
    assert.equal(invalid.headers.get('x-amzn-query-error'), 'InvalidParameterValue;Sender');
    const noUrl = await json('/', 'ReceiveMessage', { QueueUrl: 'documents' });
    assert.equal(noUrl.headers.get('x-amzn-query-error'), 'InvalidAddress;Sender');
  });

  it('refuses batches as a whole with the words of AWS', async () => {
    const { QueueUrl } = (await (await json('/', 'CreateQueue', { QueueName: 'batches' })).json()) as {
      QueueUrl: string;
    };
    for (const [ids, code, message] of [
      [[], 'EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.'],
      [
        Array.from({ length: 20 }, (_, n) => String(n)),
        'TooManyEntriesInBatchRequest',
        'Maximum number of entries per request are 10. You have sent 20.',
      ],
      [['a', 'a'], 'BatchEntryIdsNotDistinct', 'Id a repeated.'],
      [
        ['a:b'],
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      ],
    ] as const) {
      const response = await json('/', 'SendMessageBatch', {
        QueueUrl,
        Entries: ids.map((Id) => ({ Id, MessageBody: 'a' })),
      });
      assert.equal(response.headers.get('x-amzn-query-error'), `AWS.SimpleQueueService.${code};Sender`);
      assert.deepEqual(await response.json(), { __type: `com.amazonaws.sqs#${code}`, message });
    }
  });
});

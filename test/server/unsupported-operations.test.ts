import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudWatchClient, PutAnomalyDetectorCommand } from '@aws-sdk/client-cloudwatch';
import { LambdaClient, ListCodeSigningConfigsCommand } from '@aws-sdk/client-lambda';
import { RestoreObjectCommand, S3Client, SelectObjectContentCommand } from '@aws-sdk/client-s3';
import { CreatePlatformApplicationCommand, SNSClient } from '@aws-sdk/client-sns';
import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts';
import cloudwatch from '../../src/services/cloudwatch/unsupported.json' with { type: 'json' };
import kinesis from '../../src/services/kinesis/unsupported.json' with { type: 'json' };
import lambda from '../../src/services/lambda/unsupported.json' with { type: 'json' };
import logs from '../../src/services/logs/unsupported.json' with { type: 'json' };
import s3 from '../../src/services/s3/unsupported.json' with { type: 'json' };
import sns from '../../src/services/sns/unsupported.json' with { type: 'json' };
import { decodeCbor } from '../../src/protocol/documents/cbor.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => (server = await startTestServer()));
after(() => server.close());

function signed(service: string): Record<string, string> {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  };
}

async function target(name: string, contentType = 'application/x-amz-json-1.1'): Promise<string> {
  const headers = { ...signed('any'), 'content-type': contentType, 'x-amz-target': name };
  return await (await fetch(server.endpoint, { method: 'POST', headers, body: '{}' })).text();
}

async function form(action: string, version: string, service: string): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: version });
  return await (await fetch(server.endpoint, { method: 'POST', headers: signed(service), body })).text();
}

test('unsupported operations of Kinesis, CloudWatch and CloudWatch Logs are refused by name, in JSON', async () => {
  for (const [prefix, names] of [
    ['Kinesis_20131202', kinesis],
    ['GraniteServiceVersion20100801', cloudwatch],
    ['Logs_20140328', logs],
  ] as const) {
    for (const name of names) {
      const answer = JSON.parse(await target(`${prefix}.${name}`)) as { __type: string; message: string };
      assert.match(answer.__type, /UnsupportedOperationException$/);
      assert.equal(answer.message, `nagare does not support ${name}`);
    }
  }
});

function inXml(name: string): string {
  return `<Code>UnsupportedOperation</Code><Message>nagare does not support ${name}</Message>`;
}

test('unsupported operations of SNS and CloudWatch are refused by name, in XML', async () => {
  for (const name of sns) assert.ok((await form(name, '2010-03-31', 'sns')).includes(inXml(name)), name);
  for (const name of cloudwatch) {
    assert.ok((await form(name, '2010-08-01', 'monitoring')).includes(inXml(name)), name);
  }
});

/** Sends what a line of unsupported.json says, with something in each place of the path and in each name of the query. */
async function call(line: string, headers: Record<string, string>): Promise<[string, Response]> {
  const [name = '', method = '', uri = ''] = line.split(' ');
  const path = uri.replaceAll(/\{[^}]+\}/g, 'something').replaceAll(/([?&]id)(?=&|$)/g, '$1=1');
  return [name, await fetch(`${server.endpoint}${path}`, { method, headers })];
}

test('unsupported operations of Lambda are refused by name, signed or not', async () => {
  for (const headers of [signed('lambda'), {}]) {
    for (const line of lambda) {
      const [name, answer] = await call(line, headers);
      const body = (await answer.json()) as { message: string };
      assert.equal(body.message, `nagare does not support ${name}`);
      assert.equal(answer.headers.get('x-amzn-errortype'), 'UnsupportedOperationException');
    }
  }
});

test('unsupported operations of S3 are refused by name, and never mistaken for others', async () => {
  for (const line of s3) {
    const [name, answer] = await call(line, signed('s3'));
    const text = await answer.text();
    assert.equal(answer.status, 501, `${name} ${text}`);
    assert.ok(
      text.includes(`<Code>NotImplemented</Code><Message>nagare does not support ${name}</Message>`),
      text,
    );
  }
});

test("the SDKs' clients show the name", async () => {
  const options = clientOptions(server.endpoint);
  const s3Client = new S3Client({ ...options, forcePathStyle: true });
  const object = { Bucket: 'b', Key: 'k' };
  const select = {
    ...object,
    Expression: 'SELECT *',
    ExpressionType: 'SQL',
    InputSerialization: {},
    OutputSerialization: {},
  } as const;
  const detector = { SingleMetricAnomalyDetector: { Namespace: 'n', MetricName: 'm', Stat: 'Sum' } };
  for (const [send, name, message] of [
    [
      () => new LambdaClient(options).send(new ListCodeSigningConfigsCommand({})),
      'UnsupportedOperationException',
      'nagare does not support ListCodeSigningConfigs',
    ],
    [
      () => s3Client.send(new RestoreObjectCommand(object)),
      'NotImplemented',
      'nagare does not support RestoreObject',
    ],
    [
      () => s3Client.send(new SelectObjectContentCommand(select)),
      'NotImplemented',
      'nagare does not support SelectObjectContent',
    ],
    [
      () =>
        new SNSClient(options).send(
          new CreatePlatformApplicationCommand({ Name: 'a', Platform: 'GCM', Attributes: {} }),
        ),
      'UnsupportedOperation',
      'nagare does not support CreatePlatformApplication',
    ],
    [
      () => new CloudWatchClient(options).send(new PutAnomalyDetectorCommand(detector)),
      'UnsupportedOperationException',
      'nagare does not support PutAnomalyDetector',
    ],
    [
      () => new STSClient(options).send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'a' })),
      'UnsupportedOperation',
      'nagare does not support DecodeAuthorizationMessage',
    ],
  ] as const) {
    await assert.rejects(send, { name, message });
  }
});

test('an unsupported service is named: by the prefix of its target', async () => {
  for (const [prefix, message] of [
    ['DynamoDB_20120810', 'nagare has no DynamoDB'],
    ['DynamoDBStreams_20120810', 'nagare has no DynamoDB Streams'],
    ['AmazonEC2ContainerServiceV20141113', 'nagare has no AmazonEC2ContainerServiceV20141113'],
    ['Nobody_20000101', 'nagare has no Nobody_20000101'],
  ]) {
    const unknown = { __type: 'UnknownOperationException', message };
    assert.deepEqual(JSON.parse(await target(`${prefix}.Do`, 'application/x-amz-json-1.0')), unknown);
    const answer = await fetch(`${server.endpoint}/service/${prefix}/operation/Do`, {
      method: 'POST',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    });
    assert.equal(answer.status, 404);
    assert.deepEqual(decodeCbor(Buffer.from(await answer.arrayBuffer())), unknown);
  }
});

test('an unsupported service is named: by the signature', async () => {
  assert.match(
    await form('DescribeInstances', '2016-11-15', 'ec2'),
    /<Message>nagare has no [^<]+<\/Message>/,
  );
  const answer = await fetch(`${server.endpoint}/restapis`, { headers: signed('apigateway') });
  assert.deepEqual([answer.status, await answer.json()], [404, { message: 'nagare has no API Gateway' }]);
  const bucket = await fetch(`${server.endpoint}/restapis`, { headers: signed('s3') });
  assert.match(await bucket.text(), /NoSuchBucket/);
});

test('an unknown operation says where it was looked up', async () => {
  const answer = await fetch(`${server.endpoint}/2015-03-31/nothing`, { headers: signed('lambda') });
  assert.equal(answer.headers.get('x-amzn-errortype'), 'UnknownOperationException');
  assert.match(await answer.text(), /Lambda has no GET \/2015-03-31\/nothing/);
});

test('a refusal states its reason once', async () => {
  const answer = JSON.parse(await target('GraniteServiceVersion20100801.PutCompositeAlarm')) as {
    message: string;
  };
  assert.match(
    answer.message,
    /^nagare does not support PutCompositeAlarm: composite alarms are not supported yet$/,
  );
});

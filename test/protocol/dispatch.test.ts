import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ServiceError } from '../../src/errors.ts';
import type { Log } from '../../src/support/log.ts';
import { postTarget, serveServices, testService } from './support.ts';

const PUT = { StreamName: 's', Data: 'aGk=', PartitionKey: 'k' };

const kinesis = testService('kinesis', {
  PutRecord: ({ PartitionKey }) => ({ ShardId: 'shardId-000000000000', SequenceNumber: PartitionKey }),
  DescribeStreamSummary: () => {
    throw new ServiceError('ResourceNotFoundException', 'Stream s under account 000000000000 not found.');
  },
  ListStreams: () => {
    throw new TypeError('a fault of ours');
  },
  DeleteStream: () => {},
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('JSON', () => {
  it("responds with the request's content type, and with request ids", async () => {
    await using server = await serveServices([kinesis]);
    const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecord', JSON.stringify(PUT));
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '{"ShardId":"shardId-000000000000","SequenceNumber":"k"}');
    assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1');
    assert.match(answer.headers.get('x-amzn-requestid') ?? '', UUID);
    assert.match(answer.headers.get('x-amz-id-2') ?? '', /^[A-Za-z0-9+/]{96}$/);
  });

  it('an operation without output has an empty body', async () => {
    await using server = await serveServices([kinesis]);
    const answer = await postTarget(server.url, 'Kinesis_20131202.DeleteStream', '{"StreamName":"s"}');
    assert.deepEqual([answer.status, answer.body], [200, '']);
  });

  it("returns a handler's error in AWS's form", async () => {
    await using server = await serveServices([kinesis]);
    const answer = await postTarget(
      server.url,
      'Kinesis_20131202.DescribeStreamSummary',
      '{"StreamName":"s"}',
    );
    assert.equal(answer.status, 400);
    assert.deepEqual(JSON.parse(answer.body), {
      __type: 'ResourceNotFoundException',
      message: 'Stream s under account 000000000000 not found.',
    });
  });

  it('answers an internal error with InternalFailure, and logs it with the request id', async () => {
    const logged: unknown[] = [];
    const log: Log = {
      debug() {},
      info() {},
      warn() {},
      error: (fields: unknown) => void logged.push(fields),
    };
    await using server = await serveServices([kinesis], { log });
    const answer = await postTarget(server.url, 'Kinesis_20131202.ListStreams', '{}');
    assert.equal(answer.status, 500);
    assert.equal(JSON.parse(answer.body).__type, 'InternalFailure');
    assert.doesNotMatch(answer.body, /fault of ours/);
    const [fields] = logged as [{ requestId: string; operation: string; err: Error }];
    assert.equal(fields.requestId, answer.headers.get('x-amzn-requestid'));
    assert.equal(fields.operation, 'ListStreams');
  });

  it('refuses an unsupported operation by name', async () => {
    await using server = await serveServices([kinesis]);
    const answer = await postTarget(server.url, 'Kinesis_20131202.SplitShard', '{}');
    assert.equal(answer.status, 400);
    assert.deepEqual(JSON.parse(answer.body), {
      __type: 'UnsupportedOperationException',
      message: 'nagare does not support SplitShard: the test has none',
    });
  });

  for (const [what, target, contentType, body, status, expected] of [
    ['an unknown operation', 'Kinesis_20131202.Foo', '', '{}', 400, '{"__type":"UnknownOperationException"}'],
    [
      'an inherited name',
      'Kinesis_20131202.toString',
      '',
      '{}',
      400,
      '{"__type":"UnknownOperationException"}',
    ],
    [
      'an unknown prefix',
      'Kinesis_1999.PutRecord',
      '',
      '{}',
      400,
      '{"__type":"UnknownOperationException","message":"nagare has no Kinesis_1999"}',
    ],
    [
      'a target without operation',
      'Kinesis_20131202',
      '',
      '{}',
      400,
      '{"__type":"UnknownOperationException"}',
    ],
    [
      'an unknown target with a body that is no JSON',
      'Foo.Bar',
      '',
      '{',
      400,
      '{"__type":"SerializationException"}',
    ],
    [
      'an unknown target without a body',
      'Foo.Bar',
      '',
      '',
      400,
      '{"__type":"UnknownOperationException","message":"nagare has no Foo"}',
    ],
    ['no body', 'Kinesis_20131202.PutRecord', '', '', 400, '{"__type":"SerializationException"}'],
    [
      'a body that is no JSON',
      'Kinesis_20131202.PutRecord',
      '',
      '{"a":',
      400,
      '{"__type":"SerializationException"}',
    ],
    [
      'a body that is no object',
      'Kinesis_20131202.PutRecord',
      '',
      '"a"',
      400,
      '{"__type":"SerializationException"}',
    ],
    ['null', 'Kinesis_20131202.PutRecord', '', 'null', 400, '{"__type":"SerializationException"}'],
    [
      'a list',
      'Kinesis_20131202.PutRecord',
      '',
      '[]',
      400,
      '{"__type":"SerializationException","Message":"Start of list found where not expected"}',
    ],
    [
      'a wrong type before a violated bound',
      'Kinesis_20131202.PutRecord',
      '',
      '{"StreamName":"!","PartitionKey":1}',
      400,
      '{"__type":"SerializationException","Message":"NUMBER_VALUE can not be converted to a String"}',
    ],
    [
      'another content type',
      'Kinesis_20131202.PutRecord',
      'text/plain',
      '{}',
      404,
      '<UnknownOperationException/>\n',
    ],
    [
      'no content type of ours',
      'Kinesis_20131202.PutRecord',
      'application/json',
      '{}',
      404,
      '<UnknownOperationException/>\n',
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await using server = await serveServices([kinesis]);
      const headers = contentType === '' ? {} : { 'content-type': contentType };
      const answer = await postTarget(server.url, target, body, headers);
      assert.deepEqual([answer.status, answer.body], [status, expected]);
      assert.match(answer.headers.get('x-amzn-requestid') ?? '', UUID);
    });
  }

  it('refuses a body that is not UTF-8', async () => {
    await using server = await serveServices([kinesis]);
    const body = Buffer.concat([
      Buffer.from('{"StreamName":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecord', body);
    assert.equal(answer.body, '{"__type":"SerializationException"}');
  });

  it('refuses other methods than POST, and a POST that names no service', async () => {
    await using server = await serveServices([kinesis]);
    const get = await fetch(server.url, { headers: { 'x-amz-target': 'Kinesis_20131202.ListStreams' } });
    assert.equal(get.status, 403);
    const post = await postTarget(server.url, undefined, '{}');
    assert.equal(post.status, 403);
    assert.match(post.body, /^<AccessDeniedException>\n {2}<Message>Unable to determine service/);
  });

  it("refuses a body over the service's limit", async () => {
    await using server = await serveServices([{ ...kinesis, bodyLimitBytes: 100 }]);
    const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecord', ' '.repeat(101));
    assert.equal(answer.status, 413);
    assert.equal(JSON.parse(answer.body).__type, 'RequestEntityTooLargeException');
  });

  it('refuses a compressed body where AWS accepts none', async () => {
    await using server = await serveServices([kinesis]);
    const body = gzipSync(JSON.stringify(PUT));
    const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecord', Buffer.from(body), {
      'content-encoding': 'gzip',
    });
    assert.deepEqual(JSON.parse(answer.body), {
      __type: 'SerializationException',
      Message: 'PutRecord does not accept request bodies with Content-Encoding: gzip',
    });
  });

  it('passes a handler the details of the call', async () => {
    let seen: object | undefined;
    const service = testService('kinesis', {
      PutRecord: (_input, { requestId, invocationId, region, accountId, signal }) => {
        seen = { requestId, invocationId, region, accountId, aborted: signal.aborted };
        return {};
      },
    });
    await using server = await serveServices([service], { region: 'eu-west-1', accountId: '123456789012' });
    const { headers } = await postTarget(server.url, 'Kinesis_20131202.PutRecord', JSON.stringify(PUT), {
      'amz-sdk-invocation-id': 'an-id',
    });
    assert.deepEqual(seen, {
      requestId: headers.get('x-amzn-requestid'),
      invocationId: 'an-id',
      region: 'eu-west-1',
      accountId: '123456789012',
      aborted: false,
    });
  });
});

describe('CloudWatch, with three protocols', () => {
  const monitoring = testService('monitoring', {
    PutMetricData: ({ MetricData }) => {
      puts.push(MetricData);
    },
    DescribeAlarms: () => ({
      MetricAlarms: [{ AlarmName: 'a & b', Threshold: 1.5, StateUpdatedTimestamp: new Date(1.5e12) }],
    }),
    DeleteAlarms: () => {
      throw new ServiceError('ResourceNotFound', 'no such alarm', 404);
    },
    GetDashboard: () => {
      throw new ServiceError('DashboardNotFoundError', 'no such dashboard', 404);
    },
  });
  const puts: unknown[] = [];
  const metric = { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1 }] };

  it('accepts gzip for PutMetricData, but no bomb', async () => {
    await using server = await serveServices([{ ...monitoring, bodyLimitBytes: 10_000 }]);
    const json = { 'content-type': 'application/x-amz-json-1.0', 'content-encoding': 'gzip' };
    const put = (text: string): ReturnType<typeof postTarget> =>
      postTarget(
        server.url,
        'GraniteServiceVersion20100801.PutMetricData',
        Buffer.from(gzipSync(text)),
        json,
      );
    assert.equal((await put(JSON.stringify(metric))).status, 200);
    assert.deepEqual(puts.at(-1), metric.MetricData);
    const bomb = await put(JSON.stringify(metric) + ' '.repeat(1_000_000));
    assert.equal(bomb.status, 400);
    assert.match(bomb.body, /too large when decompressed/);
  });

  it('names errors for clients of the query protocol', async () => {
    await using server = await serveServices([monitoring]);
    const call = (headers: Record<string, string>): ReturnType<typeof postTarget> =>
      postTarget(server.url, 'GraniteServiceVersion20100801.DeleteAlarms', '{"AlarmNames":["a"]}', {
        'content-type': 'application/x-amz-json-1.0',
        ...headers,
      });
    const answer = await call({ 'x-amzn-query-mode': 'true' });
    assert.equal(answer.headers.get('x-amzn-query-error'), 'ResourceNotFound;Sender');
    assert.equal(JSON.parse(answer.body).__type, 'com.amazonaws.cloudwatch#ResourceNotFound');
    assert.equal((await call({})).headers.get('x-amzn-query-error'), null);
  });

  it('answers a form with XML', async () => {
    await using server = await serveServices([monitoring]);
    const post = async (body: string): Promise<[number, string | null, string]> => {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: sign('monitoring'),
        body: new URLSearchParams(body),
      });
      return [response.status, response.headers.get('content-type'), await response.text()];
    };
    const [status, type, text] = await post('Action=DescribeAlarms&Version=2010-08-01');
    assert.deepEqual([status, type], [200, 'text/xml']);
    assert.match(
      text,
      /^<DescribeAlarmsResponse xmlns="http:\/\/monitoring\.amazonaws\.com\/doc\/2010-08-01\/"><DescribeAlarmsResult><MetricAlarms><member><AlarmName>a &amp; b<\/AlarmName><StateUpdatedTimestamp>2017-07-14T02:40:00.000Z<\/StateUpdatedTimestamp><Threshold>1.5<\/Threshold><\/member><\/MetricAlarms><\/DescribeAlarmsResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/DescribeAlarmsResponse>\n$/,
    );
    assert.match(
      (await post('Action=GetDashboard&Version=2010-08-01&DashboardName=x'))[2],
      /<ErrorResponse .*<Error><Type>Sender<\/Type><Code>ResourceNotFound<\/Code><Message>no such dashboard<\/Message><\/Error><RequestId>/,
    );
    assert.match((await post('Action=Foo&Version=2010-08-01'))[2], /<Code>InvalidAction<\/Code>/);
    assert.match((await post('Version=2010-08-01'))[2], /<Code>MissingAction<\/Code>/);
    assert.match(
      (await post('Action=PutMetricData&Version=2010-08-01&Namespace=n&MetricData.member.1.MetricName='))[2],
      /<Code>ValidationError<\/Code><Message>1 validation error detected: Value &apos;&apos; at &apos;metricData.1.member.metricName&apos;/,
    );
    const get = await fetch(`${server.url}/?Action=DescribeAlarms&Version=2010-08-01`);
    assert.match(await get.text(), /^<DescribeAlarmsResponse /);
  });

  it('refuses a form that is too large', async () => {
    await using server = await serveServices([monitoring]);
    const body = new URLSearchParams({ Action: 'DescribeAlarms', Filler: 'a'.repeat(5_000_000) });
    const response = await fetch(server.url, { method: 'POST', body });
    assert.equal(response.status, 413);
    assert.match(await response.text(), /<Code>RequestEntityTooLarge<\/Code>/);
  });

  it("supports Smithy's RPC v2", async () => {
    await using server = await serveServices([monitoring]);
    const call = (name: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${server.url}/service/GraniteServiceVersion20100801/operation/${name}`, {
        method: 'POST',
        headers: { 'smithy-protocol': 'rpc-v2-cbor', accept: 'application/cbor', ...headers },
      });
    const answer = await call('DescribeAlarms');
    assert.equal(answer.headers.get('smithy-protocol'), 'rpc-v2-cbor');
    assert.equal(answer.headers.get('content-type'), 'application/cbor');
    assert.match(
      Buffer.from(await answer.arrayBuffer()).toString('latin1'),
      /^\xa1lMetricAlarms\x81\xa3iAlarmNameea & b/,
    );
    assert.equal((await call('Foo')).status, 404);
    assert.equal((await call('DescribeAlarms', { 'smithy-protocol': 'rpc-v3' })).status, 404);
  });
});

function sign(service: string): Record<string, string> {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  };
}

describe('selection of the service', () => {
  it('answers GET /health itself, and passes /_nagare/ to its handler', async () => {
    await using server = await serveServices([testService('s3', {})], {
      health: () => Promise.resolve({ status: 'degraded', version: '1' }),
      reserved: async ({ path }) => ({ status: 200, headers: {}, body: path }),
    });
    const health = await fetch(`${server.url}/health`);
    assert.equal(health.status, 503);
    assert.deepEqual(await health.json(), { status: 'degraded', version: '1' });
    assert.equal(await (await fetch(`${server.url}/_nagare/x`)).text(), '/_nagare/x');
  });

  // ListObjects of such a bucket was once answered with the state of the server.
  it('leaves a bucket named health to S3', async () => {
    const s3 = testService('s3', {
      ListObjectsV2: ({ Bucket }) => ({ Name: Bucket }),
      ListObjects: ({ Bucket }) => ({ Name: Bucket }),
      GetBucketLocation: () => ({}),
    });
    await using server = await serveServices([s3]);
    const get = async (query: string, headers = {}): Promise<string> =>
      (await fetch(`${server.url}/health${query}`, { headers })).text();
    assert.match(await get('?list-type=2'), /<Name>health<\/Name>/);
    assert.match(await get('', sign('s3')), /<Name>health<\/Name>/);
    assert.match(await get('', { authorization: 'AWS AK:signature' }), /<Name>health<\/Name>/);
    assert.match(await get('?location', sign('s3')), /<LocationConstraint/);
    assert.equal(await get(''), '{"status":"ok"}');
  });

  it('distinguishes Lambda from a bucket by the signature', async () => {
    const services = [
      testService('lambda', { ListFunctions: () => ({ Functions: [] }) }),
      testService('s3', { GetObject: ({ Bucket, Key }) => ({ Body: `${String(Bucket)}:${String(Key)}` }) }),
    ];
    await using server = await serveServices(services);
    const url = `${server.url}/2015-03-31/functions/`;
    const get = async (headers: Record<string, string>): Promise<string> =>
      (await fetch(url, { headers })).text();
    assert.equal(await get({}), '{"Functions":[]}');
    assert.equal(await get(sign('lambda')), '{"Functions":[]}');
    assert.equal(await get(sign('s3')), '2015-03-31:functions/');
    const presigned = `${url}?X-Amz-Credential=${encodeURIComponent('AK/20260101/us-east-1/s3/aws4_request')}`;
    assert.equal(await (await fetch(presigned)).text(), '2015-03-31:functions/');
    const unknown = await fetch(`${server.url}/foo`, { headers: sign('lambda') });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.headers.get('x-amzn-errortype'), 'UnknownOperationException');
  });

  it('distinguishes services of the query protocol by signature or version', async () => {
    const services = [
      testService('sns', { ListTopics: () => ({ Topics: [] }) }),
      testService('monitoring', { DescribeAlarms: () => ({}) }),
    ];
    await using server = await serveServices(services);
    const call = async (query: string, headers = {}): Promise<string> =>
      (await fetch(`${server.url}/?${query}`, { headers })).text();
    assert.match(await call('Action=ListTopics&Version=2010-03-31'), /^<ListTopicsResponse /);
    assert.match(await call('Action=DescribeAlarms&Version=2010-08-01'), /^<DescribeAlarmsResponse /);
    assert.match(await call('Action=ListTopics', sign('sns')), /^<ListTopicsResponse /);
    assert.match(await call('Action=ListTopics', sign('monitoring')), /monitoring.*InvalidAction/);
  });
});

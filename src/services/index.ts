import { cloudWatch, metricPipeline } from './cloudwatch/cloudwatch.ts';
import { firehose } from './firehose/firehose.ts';
import { glue } from './glue/glue.ts';
import { iam } from './iam/iam.ts';
import { iceberg } from './iceberg/iceberg.ts';
import { kinesis } from './kinesis/kinesis.ts';
import { lambda } from './lambda/lambda.ts';
import { listLog } from './listlog/listlog.ts';
import { logs } from './logs/logs.ts';
import { s3 } from './s3/s3.ts';
import { sns } from './sns/sns.ts';
import { sqs } from './sqs/sqs.ts';
import { sts } from './sts/sts.ts';
import { tagging } from './tagging/tagging.ts';

/** All services. The server opens each after those whose contracts it needs, otherwise in this order. */
export const registrations = [
  metricPipeline,
  iam,
  sts,
  s3,
  glue,
  iceberg,
  kinesis,
  logs,
  lambda,
  sns,
  sqs,
  cloudWatch,
  listLog,
  firehose,
  tagging,
];

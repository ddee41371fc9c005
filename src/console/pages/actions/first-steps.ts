import { quoted } from '../../../support/shell-word.ts';

/** What an empty page offers to paste. A test parses the commands. */
export const firstSteps = {
  queue: () => ['nagare queue create jobs', 'aws sqs create-queue --queue-name jobs'],
  topic: () => ['nagare topic create news', 'aws sns create-topic --name news'],
  bucket: () => ['nagare bucket create my-bucket', 'aws s3 mb s3://my-bucket'],
  object: (bucket: string) => {
    const target = quoted(`s3://${bucket}/file.txt`);
    return [`nagare object put ${target} file.txt`, `aws s3 cp file.txt ${target}`];
  },
} as const;

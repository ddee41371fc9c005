import assert from 'node:assert/strict';
import { S3ServiceException } from '@aws-sdk/client-s3';

/** Awaits the error of a call: its code and status, and further members when given. */
export async function refused(
  call: Promise<unknown>,
  code: string,
  status: number,
  members: Readonly<Record<string, string>> = {},
): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.ok(error instanceof S3ServiceException, String(error));
    const actual = { code: error.name, status: error.$metadata.httpStatusCode };
    assert.deepEqual(actual, { code, status }, error.message);
    for (const [name, value] of Object.entries(members)) assert.equal(Reflect.get(error, name), value);
    return true;
  });
}

import type { Transfer } from '../../support/thread-pool.ts';
import { serveJobs } from '../../support/worker-main.ts';
import { unpackRecords } from '../packed-records.ts';
import { type EncodedRows, encodeRows } from './encode-rows.ts';
import type { EncodingJob } from './encoding-thread.ts';

// encoding-thread.ts starts this script, and only it posts messages here.
serveJobs((message) => runEncoding(message as EncodingJob));

function runEncoding({ options, records }: EncodingJob): Transfer<EncodedRows> {
  const message = encodeRows(options, unpackRecords(records));
  // The whole buffer of a file's writer belongs to it.
  return { message, moved: message.files.map(({ body }) => body.buffer as ArrayBuffer) };
}

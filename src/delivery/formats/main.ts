import { serveJobs } from '../../support/worker-main.ts';
import type { Transfer } from '../../support/thread-pool.ts';
import { unpackRecords } from '../packed-records.ts';
import type { ConversionAnswer, ConversionJob } from './conversion-job.ts';
import { Conversion } from './conversion.ts';

// conversion-thread.ts starts this script, and only it posts messages here.
serveJobs((message) => runConversion(message as ConversionJob));

function runConversion({ options, records }: ConversionJob): Transfer<ConversionAnswer> {
  const { bytes } = records;
  const { body, refused } = new Conversion(options).convert(unpackRecords(records), bytes.byteLength);
  // The whole buffer of the file's writer belongs to it.
  const memory = body.buffer as ArrayBuffer;
  return { message: { body: memory, bytes: body.length, refused }, moved: [memory] };
}

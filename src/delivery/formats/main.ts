import { serveJobs } from '../../support/worker-main.ts';
import type { Transfer } from '../../support/thread-pool.ts';
import type { ConversionAnswer, ConversionJob } from './conversion-job.ts';
import { Conversion } from './conversion.ts';

// conversion-thread.ts starts this script, and only it posts messages here.
serveJobs((message) => runConversion(message as ConversionJob));

function runConversion({ options, records, ends }: ConversionJob): Transfer<ConversionAnswer> {
  const { body, refused } = new Conversion(options).convert(recordsOf(records, ends), records.byteLength);
  // The whole buffer of the file's writer belongs to it.
  const memory = body.buffer as ArrayBuffer;
  return { message: { body: memory, bytes: body.length, refused }, moved: [memory] };
}

function* recordsOf(records: ArrayBuffer, ends: Uint32Array): Generator<Uint8Array> {
  let start = 0;
  for (const end of ends) {
    yield new Uint8Array(records, start, end - start);
    start = end;
  }
}

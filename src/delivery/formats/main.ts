import { serveJobs } from '../../support/worker-main.ts';
import { runConversion, type ConversionJob } from './conversion-job.ts';

// conversion-thread.ts starts this script, and only it posts messages here.
serveJobs((message) => runConversion(message as ConversionJob));

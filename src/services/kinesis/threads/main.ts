import { serveJobs } from '../../../support/worker-main.ts';
import { get, type GetJob } from './get-job.ts';
import { put, type PutJob } from './put-job.ts';

// threads.ts starts this script, and only it posts messages here.
serveJobs((message) => {
  const job = message as PutJob | GetJob;
  return job.kind === 'put' ? put(job) : get(job);
});

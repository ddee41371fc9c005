import { serveJobs } from '../../../support/worker-main.ts';
import { get, type GetJob } from './get-job.ts';
import { put, type PutJob } from './put-job.ts';

// threads.ts starts this, and nobody else sends it anything.
serveJobs((message) => {
  const job = message as PutJob | GetJob;
  return job.kind === 'put' ? put(job) : get(job);
});

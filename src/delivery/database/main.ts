import { serveJobs } from '../../support/worker-main.ts';
import { runSqliteJob, type SqliteJob } from './sqlite-job.ts';

// sqlite-thread.ts starts this script, and only it posts messages here.
serveJobs((message) => runSqliteJob(message as SqliteJob));

// The function that is mapped to the stream: notes what it is handed, durably, in one write for each batch.
import { fdatasyncSync, openSync, writeSync } from 'node:fs';

const notes = openSync(process.env.NOTES, 'a');
// A process may outlive its server for a moment, and note a batch when the next server runs already.
const server = process.ppid;

export function handler({ Records }, { awsRequestId }) {
  const lines = Records.map(({ eventID, kinesis }) => {
    const { voice, n } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString());
    const [shardId] = eventID.split(':');
    return `${server} ${awsRequestId} ${shardId} ${kinesis.sequenceNumber} ${voice} ${n}\n`;
  });
  writeSync(notes, lines.join(''));
  fdatasyncSync(notes);
  return Promise.resolve();
}

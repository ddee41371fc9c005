import { configLimits } from './limits.ts';
import { type Setting, wholeNumber } from './setting.ts';

const RATE_EXPECTS = 'a whole number, or 0 for no limit';

/** Empty for the default. */
function parseRate(text: string): number | '' | undefined {
  return text === '' ? '' : wholeNumber(text, 0, configLimits.rateMax);
}

/** Limits of callers and addresses. */
export const rateSettings = {
  limitRequestsPerSecond: {
    flag: '--limit-requests-per-second',
    environment: 'NAGARE_LIMIT_REQUESTS_PER_SECOND',
    expects: RATE_EXPECTS,
    meaning:
      'requests per second of one caller, and of one address; 0 for no limit. Default: 20000 if signatures are required, otherwise 0',
    fallback: '',
    parse: parseRate,
  } satisfies Setting<number | ''>,
  limitBytesPerSecond: {
    flag: '--limit-bytes-per-second',
    environment: 'NAGARE_LIMIT_BYTES_PER_SECOND',
    expects: RATE_EXPECTS,
    meaning:
      'bytes per second that one caller, or one address, sends and receives; 0 for no limit. Default: 1073741824 if signatures are required, otherwise 0',
    fallback: '',
    parse: parseRate,
  } satisfies Setting<number | ''>,
  limitConnections: {
    flag: '--limit-connections',
    environment: 'NAGARE_LIMIT_CONNECTIONS',
    expects: RATE_EXPECTS,
    meaning:
      'open connections of one address; 0 for no limit. Default: 1000 if signatures are required, otherwise 0',
    fallback: '',
    parse: parseRate,
  } satisfies Setting<number | ''>,
  limitStreams: {
    flag: '--limit-streams',
    environment: 'NAGARE_LIMIT_STREAMS',
    expects: RATE_EXPECTS,
    meaning:
      'answers of one caller, and of one address, that are streams of events (SubscribeToShard and others), at the same time; 0 for no limit. Default: 1000 if signatures are required, otherwise 0',
    fallback: '',
    parse: parseRate,
  } satisfies Setting<number | ''>,
};

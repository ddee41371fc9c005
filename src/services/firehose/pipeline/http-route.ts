import { HttpDestination } from '../../../delivery/http/http-destination.ts';
import type { Destination } from '../../../delivery/destination.ts';
import type { Clock } from '../../../support/clock.ts';
import type { HttpPost } from '../../../support/http-post.ts';
import { commonAttributesOf, type HttpSettings } from '../configuration/http.ts';
import { firehoseLimits } from '../limits.ts';

export interface HttpParts {
  readonly post: HttpPost;
  readonly clock: Clock;
}

/** Creates the destination for an HTTP endpoint, with all of its settings. */
export function httpDestination(
  settings: HttpSettings,
  deliveryStreamArn: string,
  { post, clock }: HttpParts,
): Destination {
  const { Url, AccessKey } = settings.EndpointConfiguration;
  const { DurationInSeconds = firehoseLimits.httpRetrySecondsDefault } = settings.RetryOptions ?? {};
  return new HttpDestination({
    post,
    clock,
    random: Math.random,
    url: Url,
    accessKey: AccessKey,
    deliveryStreamArn,
    commonAttributes: commonAttributesOf(settings),
    compresses: settings.RequestConfiguration?.ContentEncoding === 'GZIP',
    retryMs: DurationInSeconds * 1000,
  });
}

import type { RegionAndAccount } from '../../aws/arn.ts';
import { NotOwnerError } from '../../engine/engine.ts';
import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { DeletedMessages } from '../../queue/leased/deleted-messages.ts';
import { hasNoMessages } from '../../queue/leased/message-logs.ts';
import { register, type ServiceAtStandby, type ServiceContext } from '../registration.ts';
import { sqsAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import { bodyParsers } from './body-parsers.ts';
import type { SqsReads } from './context.ts';
import { queueDeclarer, queuesSection } from './declared.ts';
import { sqsLimits } from './limits.ts';
import { MoveTaskList } from './move-task-list.ts';
import { MoveTasks } from './move-tasks.ts';
import { offeredQueues } from './offered-queues.ts';
import { operations, reads } from './operations/index.ts';
import { QueueList } from './queue-list.ts';
import { QUEUE_PATH } from './queue-url.ts';
import { Queues } from './queues.ts';
import { queueTags, taggedQueues } from './tag-source.ts';
import { queueTarget } from './target.ts';

/** SQS: queues, standard and FIFO, on the leased queues of src/queue. */
export const sqs = register({
  name: 'sqs',
  needs: [],
  offers: ['queues'],
  declares: [queuesSection],
  atStandby: { needs: [], offers: [], open: async (context) => openAtStandby(context) },
  open(context) {
    const { engine, clock, metrics, log, region, accountId, config, endpoint, traces } = context;
    const queues = new Queues({
      engine,
      clock,
      metrics,
      log,
      region,
      accountId,
      hasAwsLimits: config.limits.mode === 'aws',
    });
    const moveTasks = new MoveTasks({ queues, engine, clock, log });
    context.taggedResources.register('sqs', queueTags(queues));
    registerPolicies(context, queues);
    context.targets.register('sqs', queueTarget(queues));
    return {
      offers: { queues: offeredQueues(queues, accountId) },
      declarer: queueDeclarer(queues, (name) => `${endpoint()}/${accountId}/${name}`),
      service: serviceOf(context, operations, {
        queues,
        moveTasks,
        countsOf: async ({ name }) => await queues.open(name).messages.counts(),
        clock,
        traces,
      }),
      start() {
        queues.start();
        moveTasks.resume();
      },
      async quiesce() {
        await moveTasks.close();
        await queues.quiesce();
      },
      close: () => queues.close(),
    };
  },
});

/** Queues by their rows. Nothing of them is kept in memory, and none is opened. */
function openAtStandby(context: ServiceContext): ServiceAtStandby {
  const { engine, region, accountId } = context;
  const { catalog } = engine;
  const queues = new QueueList({ catalog, region, accountId });
  const deleted = new DeletedMessages(catalog);
  registerPolicies(context, queues);
  context.taggedResources.register('sqs', { resources: () => taggedQueues(queues) });
  return {
    service: serviceOf<SqsReads>(context, reads, {
      queues,
      moveTasks: new MoveTaskList(catalog, queues),
      async countsOf({ id }) {
        // Which messages are in flight is in the memory of the owner.
        if (!hasNoMessages(engine, deleted, id))
          throw new NotOwnerError('the owner has the numbers of messages');
        return { visible: 0, inFlight: 0, delayed: 0 };
      },
    }),
  };
}

function registerPolicies({ resourcePolicies }: ServiceContext, queues: QueueList): void {
  resourcePolicies.register('sqs', { policyOf: (arn) => queues.byArn(arn)?.attributes['Policy'] });
}

function serviceOf<Context extends SqsReads>(
  place: RegionAndAccount,
  of: OperationTable<Context, string>,
  context: Context,
): Service {
  return service('sqs', api, of, context, sqsLimits.bodyBytesMax, {
    errorCodes: {
      accessDenied: 'AccessDenied',
      validation: 'InvalidParameterValueException',
      unsupported: 'UnsupportedOperation',
    },
    fastParsers: bodyParsers,
    formPaths: QUEUE_PATH,
    audit,
    authorization: sqsAuthorization(place, context.queues),
  });
}

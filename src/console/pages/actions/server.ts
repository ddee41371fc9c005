import { createDemoStream, DEMO_BUCKET, DEMO_STREAM, removeDemo } from '../../../support/demo-things.ts';
import type { Action } from './action.ts';

export const serverActions = {
  startDemo: (): Action => ({
    title: 'Start demo data',
    verb: 'Start',
    says: `Makes the stream ${DEMO_STREAM}, a list log that writes its orders to s3://${DEMO_BUCKET}, and an alarm that fires when no order arrives; and puts 20 made-up orders a second, as long as this page is open. The command goes on without the page.`,
    commands: ['nagare demo'],
    call: [createDemoStream.service, createDemoStream.operation, createDemoStream.input],
  }),
  clearDemo: (): Action => {
    const last = removeDemo[removeDemo.length - 1] ?? createDemoStream;
    return {
      title: 'Remove demo data',
      verb: 'Remove all of it',
      says: `The stream ${DEMO_STREAM} with its records, the list log, its object with the bucket ${DEMO_BUCKET}, and the alarm are deleted. This cannot be undone.`,
      confirm: DEMO_STREAM,
      commands: ['nagare demo --remove --yes'],
      call: [last.service, last.operation, last.input],
    };
  },
  downloadSupport: (hidesNames: boolean): Action => ({
    title: 'Support archive',
    verb: 'Download',
    says: 'The archive has what a maintainer needs to know of this server: machine, settings, health, streams, mappings and metrics; no records, objects, code, keys or environment. Look at it before you send it.',
    isRead: true,
    commands: [`nagare support${hidesNames ? ' --hide-names' : ''}`],
    call: ['nagare', 'GetSupportArchive', { hidesNames }],
  }),
} as const;

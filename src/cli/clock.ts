import { Command } from 'commander';
import { COMMAND_HEADER } from '../server/command.ts';
import { CLOCK_PATH } from '../server/server-clock.ts';
import { noServer, post, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare clock`: handles jumps of the machine's clock. */
export function clockCommand(terminal: Terminal): Command {
  const accept = new Command('accept').description(
    'accept a jump of the clock: from now on, records and requests expire by the new time',
  );
  const command = new Command('clock').description("handle jumps of the machine's clock");
  return command.addCommand(
    withServer(accept).action(async (flags: ServerFlags) => {
      const seconds = await acceptAt(await serverOf(flags, terminal));
      terminal.print(seconds === 0 ? 'the clock has not jumped' : `accepted a clock jump of ${seconds} s`);
    }),
  );
}

async function acceptAt(server: RunningServer): Promise<number> {
  const { endpoint } = server;
  const headers = { 'content-type': 'application/json', [COMMAND_HEADER]: 'clock-accept' };
  let answer: Response;
  try {
    answer = await post(server, { path: CLOCK_PATH, service: 'nagare', headers, content: {} });
  } catch {
    throw noServer(server);
  }
  const output: unknown = await answer.json().catch(() => undefined);
  if (typeof output === 'object' && output !== null && 'acceptedSeconds' in output) {
    return Number(output.acceptedSeconds);
  }
  throw new CommandError(`${endpoint} answered ${answer.status}`);
}

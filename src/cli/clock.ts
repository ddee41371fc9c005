import { Command } from 'commander';
import { CLOCK_PATH } from '../server/server-clock.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import { type Terminal } from './terminal.ts';
import { ownCommand } from './own-routes.ts';

/** `nagare clock`: handles jumps of the machine's clock. */
export function clockCommand(terminal: Terminal): Command {
  const accept = new Command('accept').description(
    'accept a jump of the clock: from now on, records and requests expire by the new time',
  );
  const command = new Command('clock').description("handle jumps of the machine's clock");
  return command.addCommand(
    withServer(withJson(accept)).action(async (flags: ServerFlags & OutputFlags) => {
      const seconds = await acceptAt(await serverOf(flags, terminal));
      const text = seconds === 0 ? 'the clock has not jumped' : `accepted a clock jump of ${seconds} s`;
      printResult(terminal, flags, text, { AcceptedSeconds: seconds });
    }),
  );
}

async function acceptAt(server: RunningServer): Promise<number> {
  const output = await ownCommand(server, { path: CLOCK_PATH, command: 'clock-accept' });
  return 'acceptedSeconds' in output ? Number(output.acceptedSeconds) : 0;
}

import { Command } from 'commander';
import { systemClock } from '../support/clock.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare doctor`: checks whether the machine has what nagare needs. */
export function doctorCommand(terminal: Terminal): Command {
  return withSettings(new Command('doctor'), ['dataDir', 'functionIsolation'])
    .description(
      'check what nagare needs from this machine: isolation of functions, memory, disk, file handles, clock',
    )
    .option('--json', 'print the checks as JSON')
    .action(async (flags: SettingFlags & { readonly json?: true }) => {
      const config = await configOf(flags, terminal);
      // Loaded here because only this command needs it.
      const { examine } = await import('../server/doctor.ts');
      const findings = await examine(config, systemClock);
      if (flags.json === true) terminal.print(JSON.stringify(findings, null, 2));
      else
        for (const { check, state, says } of findings)
          terminal.print(`${state.padEnd(8)} ${check.padEnd(19)} ${says}`);
      const problems = findings.filter(({ state }) => state === 'problem').length;
      if (problems > 0) throw new CommandError(`${problems} of ${findings.length} checks found a problem`);
    });
}

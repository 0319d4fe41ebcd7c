/** The operator's command line: finds the command, and turns what it throws into one line and an exit code. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { auditCommand } from './commands/audit.command.js';
import { type Command, type CommandInput, type CommandResult, UsageError } from './commands/command.js';
import { errorLine } from './commands/error-line.js';
import { importCommand } from './commands/import.command.js';
import { migrateCommand } from './commands/migrate.command.js';
import { resetTwoFactorCommand } from './commands/reset-two-factor.command.js';
import { rotateKeysCommand } from './commands/rotate-keys.command.js';
import { startCommand } from './commands/start.command.js';
import { unlockCommand } from './commands/unlock.command.js';

const commands: readonly Command[] = [
  startCommand,
  migrateCommand,
  importCommand,
  unlockCommand,
  resetTwoFactorCommand,
  rotateKeysCommand,
  auditCommand,
];

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage. */
export async function main(given: readonly string[]): Promise<void> {
  try {
    process.exitCode = await run(given);
  } catch (error) {
    process.stderr.write(`gatehouse: ${errorLine(error, process.env)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
  // A connection that will not close does not keep an operator waiting; what was written is out by then.
  setTimeout(() => process.exit(), 2_000).unref();
}

async function run(given: readonly string[]): Promise<number> {
  const [name, ...rest] = given;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    (name === undefined ? process.stderr : process.stdout).write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((known) => known.name === name);
  if (!command) throw new UsageError(`there is no command ${name}: ${commands.map((known) => known.name).join(', ')}`);
  const input = parse(command, rest);
  const result = await command.run({ ...input, environment: process.env });
  print(result, input.json);
  return result.exitCode ?? 0;
}

function parse(command: Command, given: readonly string[]): Omit<CommandInput, 'environment'> {
  try {
    const names = ['json', ...(command.switches ?? [])];
    const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
    const { values, positionals } = parseArgs({ args: [...given], options, allowPositionals: true });
    const switches = new Set(names.filter((name) => values[name] === true));
    if (positionals.length === command.positionals.length) return { positionals, switches, json: switches.has('json') };
  } catch {
    // parseArgs names the option that it does not know; the usage line says which there are.
  }
  throw new UsageError(`usage: ${usageOf(command)}`);
}

function print({ json, text }: CommandResult, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(json)}\n`);
  else if (text) process.stdout.write(`${text}\n`);
}

function usage(): string {
  return commands.map((command) => `${usageOf(command)}\n    ${command.summary}\n`).join('');
}

function usageOf({ name, positionals, switches = [] }: Command): string {
  return ['gatehouse', name, ...positionals, ...[...switches, 'json'].map((option) => `[--${option}]`)].join(' ');
}

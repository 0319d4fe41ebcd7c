/** What a command of the operator's command line is. */
import type { Environment } from '../platform/config.js';

export type CommandInput = {
  readonly positionals: readonly string[];
  /** the command's own options that were given, without their dashes */
  readonly switches: ReadonlySet<string>;
  /** --json: the result is printed as one JSON object. A command prints its own progress on stderr only. */
  readonly json: boolean;
  readonly environment: Environment;
};

export type CommandResult = {
  /** printed with --json */
  readonly json: object;
  /** printed without */
  readonly text?: string;
  /** 1 when something was refused; the reason went to stderr */
  readonly exitCode?: 0 | 1;
};

export type Command = {
  readonly name: string;
  /** the names of its arguments, such as FILE.ndjson; all are required */
  readonly positionals: readonly string[];
  /** its own options, without their dashes; each may be left out */
  readonly switches?: readonly string[];
  readonly summary: string;
  run(input: CommandInput): Promise<CommandResult>;
};

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

/** The log: one JSON line an event, of listed fields only; never a body, a code, a secret, a number or a token. */
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, pino, type Logger } from 'pino';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export class Log implements LoggerService {
  private readonly pino: Logger;

  /**
   * @param level one of pino's levels
   * @param destination where the lines go, if not to standard output
   */
  constructor(level: string, destination?: DestinationStream) {
    this.pino = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  }

  info(event: string, fields: LogFields = {}): void {
    this.pino.info(fields, event);
  }

  /** Something was refused that an operator may want to see: a wrong password, a closed second factor. */
  security(event: string, fields: LogFields = {}): void {
    this.pino.warn({ security: true, ...fields }, event);
  }

  // Nest calls these with a message and what it calls a context.
  log(): void {
    // Nest's own start-up chatter is of no use to an operator.
  }

  warn(message: unknown): void {
    this.pino.warn(String(message));
  }

  /** @param error only its name, code and stack are written: a message may quote what a person typed */
  error(event: unknown, error?: unknown, fields: LogFields | string = {}): void {
    // Nest gives a name of its own in place of fields.
    this.pino.error({ ...(typeof fields === 'string' ? {} : fields), ...describe(error) }, String(event));
  }

  debug(message: unknown): void {
    this.pino.debug(String(message));
  }
}

function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return typeof error === 'string' ? { stack: error } : {};
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    error: error.name,
    code,
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
  };
}

/** The log: one JSON line an event, of listed fields only; never a body, a code, a secret, a number or a token. */
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, pino, type Logger } from 'pino';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Of what was refused, or is worth a look: from where it came, and by whom where that is known (OWASP ASVS 5.0, 16.2.1). */
export type RefusedFields = LogFields & {
  /** The client's address, as limits count it. */
  readonly address: string;
};

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

  /** Somebody was refused, or did what an operator may want to see: a wrong password, another role. One line for one act. */
  security(event: string, fields: RefusedFields): void {
    this.alarm(event, fields);
  }

  /** The installation is in a state that an operator may want to know of, whoever's doing it is. */
  alarm(event: string, fields: LogFields): void {
    this.pino.warn({ security: true, ...fields }, event);
  }

  // Nest calls these with a message and what it calls a context.
  log(): void {
    // Nest's own start-up chatter is of no use to an operator.
  }

  warn(message: unknown): void {
    this.pino.warn(String(message));
  }

  /** @param error only its name, code and frames are written: a message may quote what a person typed */
  error(event: unknown, error?: unknown, fields: LogFields | string = {}): void {
    // Nest gives an error in place of the event, a stack in place of the error, and a name of its own in place of fields.
    const [said, about] = event instanceof Error ? ['error', event] : [String(event), error];
    this.pino.error({ ...(typeof fields === 'string' ? {} : fields), ...describe(about) }, said);
  }

  debug(message: unknown): void {
    this.pino.debug(String(message));
  }
}

function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return typeof error === 'string' ? { stack: framesOf(error) } : {};
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, code, stack: framesOf(error.stack?.replace(error.message, '')) };
}

/** A stack begins with the message, whose lines may look like frames: each frame ends with its place in a file. */
function framesOf(stack: string | undefined): string | undefined {
  return stack
    ?.split('\n')
    .filter((line) => /^\s+at .*(?::\d+:\d+|<anonymous>|native)\)?$/.test(line))
    .join('\n');
}

/** Errors whose message is one line that says what to do: an operator is shown that line and no stack. */
import { errorCode } from './error-code.js';

const codes: ReadonlySet<unknown> = new Set([
  'CONFIGURATION',
  'DATA_DIRECTORY',
  'DATA_DIRECTORY_LOCKED',
  'MIGRATION',
  'USAGE',
  'REFUSED_BY_COMMAND',
]);

export function isOneLineError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && codes.has(error.code);
}

/** DATA_DIR is wrong, or what lies in it. The message is one line: the name, and what it takes. */
export class DataDirectoryError extends Error {
  readonly code = 'DATA_DIRECTORY';
  constructor(takes: string, cause?: unknown) {
    super(`DATA_DIR takes ${takes}`, { cause });
  }
}

/** @returns what the operator is told of a refusal by the system, or of a damaged database; any other error as it is */
export function aboutDataDirectory(directory: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (/^E[A-Z0-9]+$/.test(errorCode(error) ?? ''))
    return new DataDirectoryError(`a directory that this user may write to, and ${directory} is none (${error.message})`, error);
  // PGlite's only word for files that are damaged, or another version's.
  if (error.message === 'PGlite failed to initialize properly')
    return new DataDirectoryError(`a directory whose database opens, and ${directory} has another: restore it from a backup`, error);
  return error;
}

/** In the server's words where it spoke: what Prisma's adapter makes of them is one word. */
export function reasonOf(error: unknown): string {
  if (error instanceof URIError) return 'a % in a name or password is written as %25';
  const cause = error instanceof Error ? error.cause : undefined;
  for (const name of ['originalMessage', 'reason']) {
    const said: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, name) : undefined;
    if (typeof said === 'string') return said;
  }
  return error instanceof Error ? error.message : String(error);
}

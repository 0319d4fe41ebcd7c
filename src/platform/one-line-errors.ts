/** Errors whose message is one line that says what to do: an operator is shown that line and no stack. */
const codes: ReadonlySet<unknown> = new Set([
  'CONFIGURATION',
  'DATA_DIRECTORY_LOCKED',
  'MIGRATION',
  'USAGE',
  'REFUSED_BY_COMMAND',
  'EADDRINUSE',
  'EACCES',
]);

export function isOneLineError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && codes.has(error.code);
}

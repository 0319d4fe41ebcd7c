/** The `code` of an error, whichever realm made it: jest's sandbox has another `Error` than Node's own modules. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

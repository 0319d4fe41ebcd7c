/** The bytes of the file that an operator names, or of standard input. */
import { createReadStream } from 'node:fs';
import { errorCode } from '../platform/error-code.js';

/** The message is one line. */
export class InputUnreadableError extends Error {
  readonly code = 'REFUSED_BY_COMMAND';
}

/**
 * @param file `-` for standard input
 * @throws InputUnreadableError while it is read
 */
export async function* readInput(file: string): AsyncGenerator<Uint8Array> {
  const input: AsyncIterable<Uint8Array> = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* input;
  } catch (error) {
    throw new InputUnreadableError(`${file} cannot be read (${errorCode(error) ?? 'no code'})`, { cause: error });
  }
}

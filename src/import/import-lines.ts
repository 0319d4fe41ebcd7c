/** From bytes to batches of judged lines, in file order. */
import type { NumberedLine } from './import-plan.js';
import { parseLine } from './line.schema.js';
import { splitLines } from './line-splitter.js';

const mostLines = 500;
/** A hash takes a good part of a second: smaller batches lose less when the import is stopped. */
const mostPasswords = 50;

/** No batch is given before it is full or the file has ended, and only one is held at a time. */
export async function* readBatches(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly NumberedLine[]> {
  let batch: NumberedLine[] = [];
  let passwords = 0;
  for await (const split of splitLines(chunks)) {
    const line = { number: split.number, ...('text' in split ? parseLine(split.text) : { ok: false as const, problem: split.problem }) };
    batch.push(line);
    if (hasPassword(line)) passwords += 1;
    if (batch.length < mostLines && passwords < mostPasswords) continue;
    yield batch;
    [batch, passwords] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function hasPassword(line: NumberedLine): boolean {
  return line.ok && line.line.type === 'user' && line.line.credential.kind === 'clear';
}

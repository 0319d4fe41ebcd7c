/** Bytes in, numbered lines out, in memory that does not grow with the length of the file or of a line. */

export type SplitLine = { readonly number: number; readonly text: string } | { readonly number: number; readonly problem: string };

/** Bytes, without the line break. */
const longestLine = 65_536;
const newline = 0x0a;

/**
 * Splits at LF or CRLF. Blank lines count but are not given; the last line needs no line break.
 * A line that is too long or not UTF-8 is given as a problem, and the next one is read as if nothing had been.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SplitLine> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

class LineSplitter {
  /** Copied into, never kept as a slice: a slice would keep the whole chunk that it is part of. */
  private readonly line = Buffer.alloc(longestLine);
  /** A byte order mark is left out, also where files that begin with one were put together. */
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private length = 0;
  private isTooLong = false;
  private number = 0;

  *push(chunk: Uint8Array): Generator<SplitLine> {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      this.append(chunk.subarray(from, at));
      yield* this.finish();
      from = at + 1;
    }
    this.append(chunk.subarray(from));
  }

  *end(): Generator<SplitLine> {
    if (this.length > 0 || this.isTooLong) yield* this.finish();
  }

  private append(part: Uint8Array): void {
    this.isTooLong ||= this.length + part.length > longestLine;
    if (this.isTooLong) return;
    this.line.set(part, this.length);
    this.length += part.length;
  }

  private *finish(): Generator<SplitLine> {
    this.number += 1;
    const [number, isTooLong, text] = [this.number, this.isTooLong, this.decode()];
    this.length = 0;
    this.isTooLong = false;
    if (isTooLong) yield { number, problem: 'is longer than 64 KB' };
    else if (text === undefined) yield { number, problem: 'is not UTF-8' };
    else if (text.trim() !== '') yield { number, text };
  }

  private decode(): string | undefined {
    try {
      return this.decoder.decode(this.line.subarray(0, this.length));
    } catch {
      return undefined;
    }
  }
}

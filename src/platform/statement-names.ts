/** Names for the statements of the hot path, which a database parses and plans once for each. */
import { createHash } from 'node:crypto';

/** A connection keeps what it was given by a name: texts that differ without end must not fill it. */
const mostNames = 200;

export class StatementNames {
  private readonly names = new Map<string, string>();

  /** @returns undefined where there are too many by now */
  of(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= mostNames) return known;
    const name = `gatehouse_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    this.names.set(text, name);
    return name;
  }
}

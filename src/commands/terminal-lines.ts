/** Lines on stderr, and under them, where a person is watching, one that is written over and over. */
import type { WriteStream } from 'node:tty';

const eraseLine = '\r\u001b[2K';

export class TerminalLines {
  private hasProgress = false;

  constructor(private readonly stream: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }) {}

  say(line: string): void {
    this.erase();
    this.stream.write(`${line}\n`);
  }

  /** Nothing where it is not a terminal: a log does not want it. */
  showProgress(text: string): void {
    if (!this.stream.isTTY) return;
    this.erase();
    this.stream.write(text);
    this.hasProgress = true;
  }

  erase(): void {
    if (this.hasProgress) this.stream.write(eraseLine);
    this.hasProgress = false;
  }
}

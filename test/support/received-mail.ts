/** A mail as a reader's program takes it apart. */

export class ReceivedMail {
  constructor(
    /** From the SMTP commands, not from the headers. */
    readonly envelope: { readonly from: string; readonly to: readonly string[] },
    readonly source: string,
  ) {}

  /** @returns the value with its encoded words (RFC 2047) read */
  header(name: string): string | undefined {
    const [head = ''] = this.source.split('\r\n\r\n');
    const line = head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return line && readWords(line.slice(name.length + 1).trim());
  }

  get text(): string {
    return this.part('text/plain');
  }

  get html(): string {
    return this.part('text/html');
  }

  private part(type: string): string {
    const [, boundary = ''] = /boundary="([^"]+)"/.exec(this.source) ?? [];
    const part = this.source.split(`--${boundary}`).find((each) => each.includes(`Content-Type: ${type}; charset=utf-8`)) ?? '';
    const [head = '', ...body] = part.split('\r\n\r\n');
    const content = body.join('\r\n\r\n');
    if (head.includes('base64')) return Buffer.from(content, 'base64').toString('utf8');
    return head.includes('quoted-printable') ? readQuoted(content.replace(/=\r\n/g, '')) : content;
  }
}

function readWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString('utf8') : readQuoted(word.replace(/_/g, ' ')),
    );
}

function readQuoted(text: string): string {
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

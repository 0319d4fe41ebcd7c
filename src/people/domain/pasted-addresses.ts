/** E-mail addresses as people paste them: one, a column of a sheet, or what a mail program copies (`Agnes <agnes@acme.test>; …`). */

export type PastedAddresses = {
  /** Each once, however it is written. */
  readonly addresses: readonly string[];
  /** What stands where an address should. */
  readonly malformed: readonly string[];
};

/** @param isAddress judges one */
export function readPastedAddresses(text: string, isAddress: (value: string) => boolean): PastedAddresses {
  // Signs that are not seen come along with a paste; what stands in quotes is a name.
  const plain = text
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/"[^"\r\n]*"/g, ' ');
  const written = new Map<string, string>();
  const malformed = new Set<string>();
  for (const candidate of plain.split(/[;\r\n]/).flatMap(candidatesOf)) {
    if (!isAddress(candidate)) malformed.add(candidate);
    else if (!written.has(addressKey(candidate))) written.set(addressKey(candidate), candidate);
  }
  return { addresses: [...written.values()], malformed: [...malformed] };
}

/** What an address is compared by. Mail servers may tell cases apart; people do not. */
export function addressKey(address: string): string {
  return address.normalize('NFC').toLowerCase();
}

/** Of one line, or what stands between semicolons. Split and not matched, so that no text takes long (OWASP ASVS 5.0, 1.3.12). */
function candidatesOf(entry: string): readonly string[] {
  const [before = '', ...bracketed] = entry.split('<');
  const rest = bracketed.flatMap((piece, index) => {
    const [inside = '', ...behind] = piece.split('>');
    const isClosed = behind.length === 1;
    const address = isClosed ? inside.trim() || '<>' : `<${piece}`.trim();
    return [address, ...wordsOf(isClosed ? (behind[0] ?? '') : '', index < bracketed.length - 1)];
  });
  return [...wordsOf(before, bracketed.length > 0), ...rest];
}

/** @param isName an address in brackets follows, so that words without @ are whose it is */
function wordsOf(text: string, isName: boolean): readonly string[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return isName ? words.filter((word) => word.includes('@')) : words;
}

/** E-mail addresses as people paste them: one, a column of a sheet, or what a mail program copies (`Agnes <agnes@acme.test>; …`). */

export type PastedAddresses = {
  /** Each once, however it is written. */
  readonly addresses: readonly string[];
  /** What stands where an address should. */
  readonly malformed: readonly string[];
};

/** @param isAddress judges one */
export function readPastedAddresses(text: string, isAddress: (value: string) => boolean): PastedAddresses {
  // Signs that are not seen come along with a paste. What stands in quotes is a name; what stands before it is none of it.
  const plain = text
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/"[^"\r\n]*"/g, ', ');
  const written = new Map<string, string>();
  const malformed = new Set<string>();
  for (const candidate of plain
    .split(/[;\r\n]/)
    .flatMap(candidatesOf)
    .map(bare)) {
    if (!isAddress(candidate)) malformed.add(candidate);
    else if (!written.has(addressKey(candidate))) written.set(addressKey(candidate), candidate);
  }
  return { addresses: [...written.values()], malformed: [...malformed] };
}

/** `'ann@acme.test'`, as Outlook copies an address without a name, and the `mailto:` of a copied link. */
function bare(candidate: string): string {
  return candidate.replace(/^mailto:/i, '').replace(/^'(.*)'$/, '$1');
}

/** What an address is compared by. Mail servers may tell cases apart; people do not. */
export function addressKey(address: string): string {
  return address.normalize('NFC').toLowerCase();
}

/** Of one line, or what stands between semicolons. Split and not matched, so that no text takes long (OWASP ASVS 5.0, 1.3.12). */
function candidatesOf(entry: string): readonly string[] {
  const [before = '', ...bracketed] = entry.split('<');
  if (bracketed.length === 1 && isSurnameFirst(before)) return inBrackets(bracketed[0] ?? '', false);
  const rest = bracketed.flatMap((piece, index) => inBrackets(piece, index < bracketed.length - 1));
  return [...(bracketed.length > 0 ? wordsBeforeName(before) : wordsOf(before)), ...rest];
}

/** `Dijk, Ann <ann@acme.test>`, as some mail programs copy it. */
function isSurnameFirst(before: string): boolean {
  const parts = before.split(',');
  return parts.length === 2 && parts.every((part) => part.trim() !== '') && !before.includes('@');
}

/**
 * @param piece what follows `<`
 * @param isNamed another address in brackets follows, and before it may stand whose it is
 */
function inBrackets(piece: string, isNamed: boolean): readonly string[] {
  const [inside = '', behind, ...more] = piece.split('>');
  if (behind === undefined || more.length > 0) return [`<${piece}`.trim()];
  return [inside.trim() || '<>', ...(isNamed ? wordsBeforeName(behind) : wordsOf(behind))];
}

/** The words behind the last comma are a name, but for those that look like an address. */
function wordsBeforeName(text: string): readonly string[] {
  const comma = text.lastIndexOf(',') + 1;
  return [...wordsOf(text.slice(0, comma)), ...wordsOf(text.slice(comma)).filter((word) => word.includes('@'))];
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** The GSM 7-bit default alphabet (3GPP TS 23.038): what one SMS segment of 160 characters may hold. */

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Written with an escape before them: they count twice. */
const extended = new Set('^{}\\[~]|€');

export const segmentLength = 160;

/** @returns how many of a segment's 160 characters the text takes; undefined when it holds one that is not in the alphabet */
export function gsm7Length(text: string): number | undefined {
  const lengths = [...text].map(lengthOf);
  return lengths.includes(undefined) ? undefined : lengths.reduce((sum: number, length) => sum + (length ?? 0), 0);
}

/** The text in letters of the alphabet: accents that it lacks are taken off, what is left is dropped. */
export function toGsm7(text: string): string {
  const plain = [...text.normalize('NFC')].flatMap((character) => (lengthOf(character) ? [character] : [...character.normalize('NFKD')]));
  return plain
    .filter((character) => lengthOf(character) && !/\p{Cc}/u.test(character))
    .join('')
    .replace(/ +/g, ' ')
    .trim();
}

function lengthOf(character: string): number | undefined {
  if (basic.has(character)) return 1;
  return extended.has(character) ? 2 : undefined;
}

/**
 * What a name may be made of that other people read: nothing that cannot be seen or turns what stands around it about, so that
 * nobody looks like somebody else in a list or on record (Unicode Technical Report 36, 2.10).
 */

/** Control characters, halves of a pair, line and paragraph separators, marks of direction. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** Default ignorable: an application that knows them draws nothing. */
const unseen = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Of these a name needs some: they join letters of Persian and Indic scripts, and the parts of an emoji. */
const joining = /[\u200c\u200d\ufe0e\ufe0f]/gu;

/** Whether all of it can be read, also where letters are joined by characters that draw nothing; the empty text can. */
export function isReadableName(text: string): boolean {
  const seen = text.replace(joining, '');
  return !unprintable.test(seen) && !unseen.test(seen) && (text === '' || /[^\p{Z}]/u.test(seen));
}

/** Whether every character of it can be told from none at all: what is compared and typed again. */
export function isReadableKey(text: string): boolean {
  return !unprintable.test(text) && !unseen.test(text);
}

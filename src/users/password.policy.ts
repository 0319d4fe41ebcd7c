/** What a new password must be: long, not a common one, and not made of names (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11). */

const shortest = 12;
const longest = 256;

export type PasswordSetting = {
  /** The person's, the organization's and the product's names, which everybody could guess. */
  readonly names: readonly string[];
  /** Lower-case passwords that are used most. */
  readonly common: ReadonlySet<string>;
};

/** @returns what to do about it, or undefined when the password may be used */
export function refusePassword(password: string, { names, common }: PasswordSetting): string | undefined {
  const length = [...password].length;
  if (length < shortest) return `Use at least ${shortest} characters. Three or four unrelated words are good.`;
  if (length > longest) return `Use at most ${longest} characters.`;
  const folded = password.toLowerCase();
  if (isCommon(folded, common)) return 'This password is one of those that are tried first. Use three or four unrelated words.';
  if ([...withoutNames(folded, names)].length < shortest)
    return `Names that belong to you or your organization do not count. Use ${shortest} other characters.`;
  return undefined;
}

/** A common password stays one with digits and signs around it, or said twice. */
function isCommon(folded: string, common: ReadonlySet<string>): boolean {
  const core = folded.replace(/^[\W\d_]+|[\W\d_]+$/g, '');
  const repeated = /^(.+?)\1+$/.exec(core)?.[1] ?? core;
  return (
    [folded, core, repeated].some((word) => common.has(word)) ||
    new Set(folded).size < 5 ||
    sequences.some((sequence) => sequence.includes(folded))
  );
}

const ascending = ['1234567890'.repeat(26), 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm', '1q2w3e4r5t6y7u8i9o0p'];
const sequences = ascending.flatMap((sequence) => [sequence, [...sequence].reverse().join('')]);

function withoutNames(folded: string, names: readonly string[]): string {
  const words = names.flatMap((name) => [name, ...name.split(/[\s@._-]+/)]).map((word) => word.trim().toLowerCase());
  const telling = [...new Set(words)].filter((word) => word.length >= 3).sort((a, b) => b.length - a.length);
  return telling.reduce((rest, word) => rest.replaceAll(word, ''), folded);
}

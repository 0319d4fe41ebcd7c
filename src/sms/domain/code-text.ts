/** The text of a code by SMS: one segment, the code first, and a last line that phones fill in on the right site only. */
import { gsm7Length, segmentLength, toGsm7 } from './gsm7.js';

export type CodeText = {
  /** six digits */
  readonly code: string;
  /** the product's name */
  readonly from: string;
  readonly lifetimeMinutes: number;
  /** of PUBLIC_URL, without the port; the configuration takes none that leaves no room for the words */
  readonly host: string;
};

/**
 * The last line is `@host #code` (origin-bound one-time codes, WICG): a phone offers the code on that host alone. A name that
 * is too long is cut; one that cannot be written in the GSM alphabet is left out, and the host says who it is from.
 */
export function codeText({ code, from, lifetimeMinutes, host }: CodeText): string {
  const around = (name: string) =>
    `${code} is your ${name}code. It works for ${lifetimeMinutes} minutes. Never share it with anyone.\n\n@${host} #${code}`;
  let name = toGsm7(from);
  while (name !== '' && (gsm7Length(around(`${name} `)) ?? segmentLength) > segmentLength) name = name.slice(0, -1).trimEnd();
  return around(name === '' ? '' : `${name} `);
}

/** What a browser calls itself, in words for a list: a hint for the member, nothing to decide by. */
import Bowser from 'bowser';

/** Such as `Firefox on Windows`; an unknown one is said to be that. */
export function deviceName(userAgent: string): string {
  if (userAgent === '') return unknown;
  const { browser, os } = Bowser.parse(userAgent);
  if (!browser.name) return unknown;
  return os.name ? `${browser.name} on ${os.name}` : browser.name;
}

const unknown = 'an unknown browser';

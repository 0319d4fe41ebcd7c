/** What a person with a small screen, a screen reader or weak eyes is given by a page: measured in Chromium itself. */
import type { Page } from 'playwright-core';

/** Runs in the page, with the page's own script on or off. Text of 24 pixels is large (WCAG 2.2, 1.4.3); a label is a part of what is clicked (2.5.8). */
const measure = `(() => {
  const every = (selector) => [...document.querySelectorAll(selector)];
  const idLists = ['aria-describedby', 'aria-labelledby', 'aria-controls'];
  const ids = every('[id]').map(({ id }) => id);
  const wanted = [
    ...idLists.flatMap((name) => every('[' + name + ']').flatMap((element) => element.getAttribute(name).trim().split(/\\s+/))),
    ...every('label[for]').map((label) => label.htmlFor),
    ...every('a[href^="#"]').map((link) => link.hash.slice(1)),
  ];
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const isSeeThrough = (color) => channels(color)[3] === 0;
  const luminance = (color) => {
    const [red, green, blue] = channels(color).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!isSeeThrough(backgroundColor)) return backgroundColor;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const contrast = (element) => {
    const [light, dark] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ownText = (element) => [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data).join('').trim();
  const isSeen = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 1;
  const texts = every('body *').filter((element) => isSeen(element) && ownText(element));
  const faint = texts.filter((element) => contrast(element) < (parseFloat(getComputedStyle(element).fontSize) >= 24 ? 3 : 4.5));
  const wide = every('body *').filter((element) => isSeen(element) && element.getBoundingClientRect().right > innerWidth + 0.5 && !element.closest('.code-boxes, .skip, .table-scroll'));
  const height = (element) => (element.closest('label') ?? element).getBoundingClientRect().height;
  const small = every('button, input:not([type=hidden]), .button, nav a, summary').filter((element) => isSeen(element) && height(element) < 24);
  const name = (element) => element.tagName.toLowerCase() + ' ' + (ownText(element) || element.id || element.className);
  return {
    language: document.documentElement.lang,
    headings: every('h1').length,
    mains: every('main').length,
    scrollsSideways: document.documentElement.scrollWidth > innerWidth,
    wide: wide.map(name),
    faint: faint.map(name),
    small: small.map(name),
    twiceTheSameId: ids.filter((id, index) => ids.indexOf(id) !== index),
    idsThatAreMissing: wanted.filter((id) => !ids.includes(id)),
  };
})()`;

export type PageFacts = {
  readonly language: string;
  readonly headings: number;
  readonly mains: number;
  readonly scrollsSideways: boolean;
  readonly [finding: string]: string | number | boolean | readonly string[];
};

export async function factsOf(page: Page): Promise<PageFacts> {
  return page.evaluate<PageFacts>(measure);
}

/** Of a page on which nothing is wrong. */
export const faultless: PageFacts = {
  language: 'en',
  headings: 1,
  mains: 1,
  scrollsSideways: false,
  wide: [],
  faint: [],
  small: [],
  twiceTheSameId: [],
  idsThatAreMissing: [],
};

export type Control = { readonly role: string; readonly name: string; readonly [property: string]: unknown };
const roles = ['textbox', 'switch', 'checkbox', 'button', 'link', 'combobox', 'spinbutton', 'image', 'progressbar', 'navigation'];

/** What a screen reader is told of: from Chromium's own accessibility tree. */
export async function controlsOf(page: Page): Promise<readonly Control[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored, role }) => !ignored && roles.includes(String(role?.value)))
    .map(({ role, name, properties }) => ({
      ...Object.fromEntries((properties ?? []).map((property) => [property.name, property.value.value as unknown])),
      role: String(role?.value),
      name: String(name?.value ?? ''),
    }));
}

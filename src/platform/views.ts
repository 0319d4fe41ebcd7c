/** Nunjucks for every page: escaped by default, compiled once a process (`npm run dev` starts another when a page changes). */
import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import nunjucks from 'nunjucks';
import { viewsDirectory } from './package-root.js';

const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(viewsDirectory), { autoescape: true });

/**
 * @param template the path below views/ without its ending
 * @throws Error when there is no such template, or it cannot be rendered
 */
export function render(template: string, context: object): string {
  return environment.render(`${template}.njk`, context);
}

/**
 * Compiles what nobody has asked for yet, one file at a time with requests between: done before the start is over it would hold
 * that up by a third of a second, and left to the requests the first visitor of each page waits for it.
 */
export async function compileViews(): Promise<void> {
  const pages = readdirSync(viewsDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => /^(?!mail).*\.njk$/.test(name));
  for (const page of pages) {
    environment.getTemplate(page, true);
    await setImmediate();
  }
}

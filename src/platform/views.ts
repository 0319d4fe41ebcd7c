/** Nunjucks for every page: escaped by default, compiled once a process (`npm run dev` starts another when a page changes). */
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

/** Nunjucks for every page: escaped by default, compiled once a process (`npm run dev` starts another when a page changes). */
import type { NestExpressApplication } from '@nestjs/platform-express';
import nunjucks from 'nunjucks';
import { viewsDirectory } from './package-root.js';

const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(viewsDirectory), { autoescape: true });

export function setUpViews(app: NestExpressApplication): void {
  environment.express(app.getHttpAdapter().getInstance());
  app.setBaseViewsDir(viewsDirectory);
  app.setViewEngine('njk');
}

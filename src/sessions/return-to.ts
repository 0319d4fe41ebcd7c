/** `returnTo`: the page that a visitor wanted. Only pages of this application that a signed-in member may open. */
import { Inject, Injectable } from '@nestjs/common';
import { RouteTable } from './route-table.js';

@Injectable()
export class ReturnTo {
  constructor(@Inject(RouteTable) private readonly routes: RouteTable) {}

  /** @returns undefined for anything that is not a local page (OWASP ASVS 5.0, 3.7.2) */
  resolve(value: unknown): string | undefined {
    if (typeof value !== 'string' || !/^\/[\w/-]*(\?[\w=&.%~+-]*)?$/.test(value) || value.length > 500) return undefined;
    const [path = ''] = value.split('?');
    return this.routes.isMemberPage(path) ? value : undefined;
  }
}

/** A browser without script: cookies, forms, redirects, and pages to look at. */
import { type CheerioAPI, load } from 'cheerio';
import { keepRequest, keepSecret, keepShown } from './log-watch.js';

export type Fields = Readonly<Record<string, string>>;

export class PageSeen {
  private parsed: CheerioAPI | undefined;

  constructor(
    readonly path: string,
    readonly search: string,
    readonly status: number,
    readonly headers: Headers,
    readonly body: string,
  ) {}

  get $(): CheerioAPI {
    return (this.parsed ??= load(this.body));
  }

  /** The text of the element with this test id, or undefined when it is not there. */
  testId(id: string): string | undefined {
    const element = this.$(`[data-testid="${id}"]`);
    return element.length > 0 ? element.text().trim() : undefined;
  }

  get signedInAs(): string | undefined {
    return this.testId('signed-in-as');
  }

  /** The TOTP key without its spaces. */
  get key(): string {
    return this.testId('totp-key')?.replace(/\s/g, '') ?? '';
  }

  get alert(): string {
    return this.$('[role="alert"]').text().replace(/\s+/g, ' ').trim();
  }

  get notice(): string {
    return this.$('[role="status"]').text().replace(/\s+/g, ' ').trim();
  }

  get text(): string {
    return this.$('main').text().replace(/\s+/g, ' ').trim();
  }
}

export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly base: string,
    private readonly headers: Fields = {},
  ) {}

  /** The same cookies in another window that goes its own way. */
  clone(): Browser {
    const clone = new Browser(this.base, this.headers);
    for (const [name, value] of this.cookies) clone.cookies.set(name, value);
    return clone;
  }

  get sessionCookie(): string | undefined {
    return this.cookies.get('gatehouse');
  }

  get(path: string): Promise<PageSeen> {
    return this.request('GET', path);
  }

  /** Fills in and sends the form of a page; `with` names its action or one of its fields. */
  submit(page: PageSeen, which: string, fields: Fields = {}): Promise<PageSeen> {
    const { action, values } = formOf(page, which);
    return this.request('POST', action, new URLSearchParams({ ...values, ...fields }));
  }

  async visitAndSubmit(path: string, which: string, fields: Fields = {}): Promise<PageSeen> {
    return this.submit(await this.get(path), which, fields);
  }

  signIn(username: string, password: string, path = '/login'): Promise<PageSeen> {
    return this.visitAndSubmit(path, 'password', { username, password });
  }

  /** One request without following where it leads. */
  async send(method: string, path: string, body?: URLSearchParams, headers: Fields = {}): Promise<PageSeen> {
    const url = new URL(path, this.base);
    keepRequest(url, body);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const origin = method === 'GET' ? {} : { origin: url.origin };
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...origin, ...(cookie && { cookie }), ...this.headers, ...headers },
      ...(body && { body }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    const text = await response.text();
    keepShown(text);
    return new PageSeen(url.pathname, url.search, response.status, response.headers, text);
  }

  private async request(method: string, path: string, body?: URLSearchParams): Promise<PageSeen> {
    let page = await this.send(method, path, body);
    for (let hops = 0; hops < 10; hops += 1) {
      const location = page.headers.get('location');
      if (page.status !== 303 || !location) return page;
      page = await this.send('GET', location);
    }
    throw new Error(`too many redirects from ${path}`);
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    keepSecret('cookie', value);
    const isOver = attributes.some((attribute) => /^\s*(Max-Age=0|Expires=Thu, 01 Jan 1970)/i.test(attribute));
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The action and the hidden or preset values of one form on a page. */
export function formOf({ $, path, search }: PageSeen, which: string): { action: string; values: Record<string, string> } {
  const form = $('form').filter((_, element) => $(element).attr('action') === which || $(element).find(`[name="${which}"]`).length > 0);
  if (form.length === 0) throw new Error(`no form '${which}' on ${path}`);
  const values: Record<string, string> = {};
  for (const { name, value } of form.first().serializeArray()) values[name] = value;
  return { action: form.first().attr('action') ?? `${path}${search}`, values };
}

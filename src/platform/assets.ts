/**
 * The static files below public/, and the version in their addresses that lets browsers keep them. They are small and stay in
 * memory: to read one from the disk for each request would wait in libuv's pool, behind the hashes of passwords.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { RequestHandler } from 'express';

type Asset = { readonly type: string; readonly etag: string; readonly content: Buffer };

/** With a character set each (OWASP ASVS 5.0, 4.1.1). */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

/** In seconds. */
const year = 31_536_000;

export class Assets {
  readonly version: string;
  private readonly byPath: ReadonlyMap<string, Asset>;

  /** @throws when a file is of a type that nobody has named yet */
  constructor(directory: string) {
    const files = readdirSync(directory)
      .sort()
      .map((name) => ({ name, content: readFileSync(join(directory, name)) }));
    this.version = digest(...files.map(({ content }) => content)).slice(0, 12);
    this.byPath = new Map(files.map(({ name, content }) => [`/${name}`, asset(name, content)]));
  }

  /** Answers what asks for a file, never in parts: the largest is no reason to. */
  serve(): RequestHandler {
    return ({ method, path, query }, response, next) => {
      const found = method === 'GET' || method === 'HEAD' ? this.byPath.get(path) : undefined;
      if (!found) return next();
      // A copy of another version must not give its own file for this one, to be kept for a year.
      const isThisVersion = query['v'] === this.version;
      response.setHeader('Cache-Control', isThisVersion ? `public, max-age=${year}, immutable` : 'no-cache');
      response.setHeader('Content-Type', found.type);
      response.setHeader('ETag', found.etag);
      response.send(found.content);
    };
  }
}

function asset(name: string, content: Buffer): Asset {
  const type = types[extname(name)];
  if (type === undefined) throw new Error(`public/${name} is of a type that src/platform/assets.ts does not know`);
  return { type, etag: `"${digest(content).slice(0, 32)}"`, content };
}

function digest(...contents: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex');
}

/** The static files below public/, and the version in their addresses that lets browsers keep them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Assets {
  readonly version: string;

  constructor(readonly directory: string) {
    const hash = createHash('sha256');
    for (const name of readdirSync(directory).sort()) hash.update(readFileSync(join(directory, name)));
    this.version = hash.digest('hex').slice(0, 12);
  }
}

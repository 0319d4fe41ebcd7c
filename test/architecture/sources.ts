/** The program's own sources, for tests that look at them as text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..');

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Paths from the root, without specs and what is generated. */
export function sourceFiles(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.startsWith('src/generated/'))
    .sort();
}

/** The modules that a file takes something from. */
export function importsOf(path: string): string[] {
  return [...read(path).matchAll(/(?:from|import|import\(|require\()\s*'([^']+)'/g)].map(([, name = '']) => name);
}

/** Where the package's own files lie, found from the sources and from the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));
export const viewsDirectory = join(packageRoot, 'views');
export const publicDirectory = join(packageRoot, 'public');
/** The 10,000 most used passwords of twelve characters and more, from the list of ten million leaked ones in SecLists (MIT). */
export const longCommonPasswordsFile = join(packageRoot, 'lists', 'long-common-passwords.txt');
export const migrationsDirectory = join(packageRoot, 'prisma', 'migrations');

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('the package root was not found');
  return findRoot(parent);
}

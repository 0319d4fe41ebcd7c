/** The unit specs that stand beside the code that decides: they are pure, and a mutant costs what these cost. */
import { join } from 'node:path';
import all from '../jest.config.mjs';
import { platform } from './platform.mjs';

const unit = all.projects.find(({ displayName }) => displayName === 'unit');
const folders = ['**/domain/*', '**/*.policy', ...platform.map((name) => `platform/${name}`)];
export default { ...unit, testMatch: folders.map((folder) => join(unit.rootDir, 'src', `${folder}.spec.ts`)) };

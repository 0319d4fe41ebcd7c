/** The unit specs alone: the code that decides is pure, and a mutant costs what these cost. */
import { join } from 'node:path';
import all from '../jest.config.mjs';

const unit = all.projects.find(({ displayName }) => displayName === 'unit');
export default { ...unit, testMatch: [join(unit.rootDir, 'src', '**', '*.spec.ts')] };

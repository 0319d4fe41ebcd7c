/** Preloaded into a real server (`node --import`): while DATA_DIR/full is there, nothing more can be written to the disk. */
import fs from 'node:fs';
import { join } from 'node:path';

const flag = join(process.env.DATA_DIR ?? '.', 'full');
const write = fs.writeSync;
fs.writeSync = function (descriptor, ...given) {
  // Not the process's own output.
  if (descriptor > 2 && fs.existsSync(flag))
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
  return write.call(this, descriptor, ...given);
};

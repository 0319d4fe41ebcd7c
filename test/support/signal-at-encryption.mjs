/** Preloaded into a process under test: at its SIGNAL_AT-th encryption it sends itself SIGNAL. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const { createCipheriv } = crypto;
let left = Number(process.env.SIGNAL_AT);

crypto.createCipheriv = (...given) => {
  left -= 1;
  if (left === 0) process.kill(process.pid, process.env.SIGNAL);
  return createCipheriv(...given);
};
syncBuiltinESMExports();

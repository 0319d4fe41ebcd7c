/**
 * One builder at a time in this folder. The lock is a socket that the kernel gives to one process and takes back when that
 * ends, however it ends: nothing is left to be cleaned up.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const patienceMillis = 300_000;
const pauseMillis = 200;

/** Runs `work` alone, after whoever is at it now. */
export async function alone(folder, work) {
  const address = addressOf(folder);
  for (let waited = 0; ; waited += pauseMillis) {
    const server = await tryListen(address);
    if (server) return work().finally(() => server.close());
    if (waited >= patienceMillis) throw new Error('another process has been building here for five minutes: stop it and try again');
    await sleep(pauseMillis);
  }
}

/** Linux has sockets without a file; elsewhere it is a port of this machine, derived from the folder. */
function addressOf(folder) {
  const digest = createHash('sha256').update(folder).digest();
  if (process.platform === 'linux') return { path: `\0gatehouse-build-${digest.toString('hex').slice(0, 32)}` };
  return { host: '127.0.0.1', port: 20_000 + (digest.readUInt16BE(0) % 10_000) };
}

function tryListen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ ...address, exclusive: true }, () => resolve(server));
  });
}

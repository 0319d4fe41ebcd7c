/** The server, started anew when something in src, views, public or the schema changes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const watched = ['src', 'views', 'public', 'prisma', 'package.json', 'tsconfig.json'];
const lookEveryMillis = 400;

let server;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopping = true;
    server.kill(signal);
  });
}

while (!stopping) {
  const seen = snapshot();
  server = spawn(process.execPath, [join(root, 'bin', 'gatehouse.mjs'), 'start'], { cwd: root, stdio: 'inherit' });
  const ended = once(server, 'exit').then(() => console.error(stopping ? 'stopped' : 'waiting for a change …'));
  while (!stopping && snapshot() === seen) await sleep(lookEveryMillis);
  // A second Ctrl-C reaches the server by itself; here it has only to be waited for.
  server.kill('SIGTERM');
  await ended;
}

/** Looked at and not listened to: that works on every file system, in containers too. */
function snapshot() {
  return watched.flatMap(filesOf).map(changedAt).join();
}

function filesOf(name) {
  const path = join(root, name);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((file) => !file.startsWith('generated') && !file.endsWith('.spec.ts'))
    .map((file) => join(path, file));
}

function changedAt(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? `${path}:${found.mtimeMs}` : '';
}

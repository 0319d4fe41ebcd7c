/**
 * The exclusive lock on the data directory: the embedded database has none of its own, and two processes on one folder
 * destroy it. Every step is one atomic act of the file system (link, rename), so that of any number of takers one wins.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errorCode } from './error-code.js';
import { isAlive, type LockHolder, processStart, readHolder } from './lock-holder.js';

/** Another process has the data directory, or may have it. The message is one line that says what to do. */
export class DataDirectoryLockError extends Error {
  readonly code = 'DATA_DIRECTORY_LOCKED';
}

export type DataDirectoryLock = { release(): void };

/** Two takers may meet in the middle of a takeover: the later one looks again this often, 20 ms apart. */
const attempts = 50;

/**
 * Takes the lock, from a dead owner too. It is given back by `release` or at the end of the process.
 * @throws DataDirectoryLockError at once when its owner lives
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  makeDirectory(directory);
  const own: LockHolder = { id: randomUUID(), pid: process.pid, processStart: processStart(process.pid), host: hostname() };
  const ownFile = join(directory, `lock.${own.id}`);
  writeFileSync(ownFile, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
  try {
    take(directory, ownFile);
  } catch (error) {
    rmSync(ownFile, { force: true });
    throw error;
  }
  rmSync(ownFile, { force: true });
  return holding(directory, own);
}

/** With its parents, for its owner alone. Node's own `recursive` never ends below /proc, where the parent exists and takes nothing. */
export function makeDirectory(directory: string): void {
  const path = resolve(directory);
  const isThere = (): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isThere()) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isThere()) throw error;
  }
}

function take(directory: string, ownFile: string): void {
  const lock = join(directory, 'lock');
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) pause(20);
    if (linked(ownFile, lock)) return;
    const holder = readHolder(lock);
    if (!holder) continue;
    refuseUnlessDead(directory, lock, holder);
    if (takeOver(directory, ownFile, holder)) return;
  }
  const holder = readHolder(lock);
  throw new DataDirectoryLockError(
    holder
      ? inUse(directory, holder)
      : `${lock} cannot be read: when no gatehouse process runs on ${resolve(directory)}, remove that file by hand`,
  );
}

/**
 * Only one process can ever link the takeover file of a given dead owner, and only while it is there may `lock` be replaced.
 * When that process has died in the middle, its own takeover file is fought for instead, and so on along the chain.
 * @returns false when a living process is at it: look again
 */
function takeOver(directory: string, ownFile: string, dead: LockHolder): boolean {
  const lock = join(directory, 'lock');
  const chain: string[] = [];
  let last = dead;
  for (;;) {
    const takeover = join(directory, `lock.takeover.${last.id}`);
    if (linked(ownFile, takeover)) {
      chain.push(takeover);
      break;
    }
    const holder = readHolder(takeover);
    if (!holder) return false;
    if (holder.host !== hostname() || isAlive(holder)) return false;
    chain.push(takeover);
    last = holder;
  }
  // Somebody may have finished a takeover of the same owner before ours began.
  const mine = readHolder(lock)?.id === dead.id;
  if (mine) renameSync(ownFile, lock);
  for (const takeover of mine ? chain : chain.slice(-1)) rmSync(takeover, { force: true });
  if (mine) sweep(directory);
  return mine;
}

function refuseUnlessDead(directory: string, lock: string, holder: LockHolder): void {
  if (holder.host !== hostname()) {
    throw new DataDirectoryLockError(
      `DATA_DIR ${directory} is in use by process ${holder.pid} on host ${holder.host}: when that one is stopped, remove ${resolve(lock)} by hand`,
    );
  }
  if (isAlive(holder)) throw new DataDirectoryLockError(inUse(directory, holder));
}

function inUse(directory: string, { pid }: LockHolder): string {
  return `DATA_DIR ${directory} is in use by process ${pid}: stop it first, or use another DATA_DIR`;
}

function holding(directory: string, own: LockHolder): DataDirectoryLock {
  const release = (): void => {
    process.off('exit', release);
    const lock = join(directory, 'lock');
    if (readHolder(lock)?.id === own.id) rmSync(lock, { force: true });
  };
  process.once('exit', release);
  return { release };
}

/** What takers that were killed half-way left. The lock is ours, so no takeover of an older owner can count any more. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    const holder = /^lock\.(takeover\.)?[\w-]{36}$/.test(name) ? readHolder(file) : undefined;
    if (holder?.host === hostname() && !isAlive(holder)) rmSync(file, { force: true });
  }
}

/** @returns whether `to` is now a second name of `from`; false when it exists already */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

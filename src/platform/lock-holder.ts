/** Who holds a lock file, and whether that process still lives. */
import { readFileSync } from 'node:fs';
import { errorCode } from './error-code.js';

export type LockHolder = {
  readonly id: string;
  readonly pid: number;
  /** Tells a process from a later one with the same number, across a restart of the machine too; absent where there is no /proc. */
  readonly processStart?: string | undefined;
  readonly host: string;
};

/** undefined when the file is gone or holds something else. */
export function readHolder(file: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<LockHolder>;
    const { id, pid, processStart, host } = holder;
    return typeof id === 'string' && typeof pid === 'number' && typeof host === 'string' ? { id, pid, processStart, host } : undefined;
  } catch {
    return undefined;
  }
}

/** Only for a holder on this host. */
export function isAlive({ pid, processStart: start }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return errorCode(error) === 'EPERM';
  }
  return start === undefined || start === processStart(pid);
}

/**
 * The kernel's boot id and field 22 of /proc/PID/stat, counted behind the command's name, which may hold spaces and brackets.
 * A zombie has no start: it is dead and waits only for its parent.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

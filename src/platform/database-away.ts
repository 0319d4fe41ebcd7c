/** Tells "the database is away or too slow" from every other error, so that it becomes a 503 and not a 500. */

/**
 * Our own for the embedded one, and Prisma's: unreachable, timed out, connection closed, no free connection, too many connections. P2028 is more than one
 * thing and is judged by its words below.
 */
const prismaCodes = new Set(['EMBEDDED_DATABASE_DOWN', 'P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037']);

/** The driver adapter's own names for the same. */
const driverKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
]);

/**
 * SQLSTATE: class 08 (connection), 57P0x (shutting down, crashed, starting up), 57014 (statement timeout), 25P03 (idle in a
 * transaction for too long), class 53 (connections, disk or memory used up), class 58 (its disk fails), 25006 (a standby that
 * only reads, during a failover).
 */
const sqlStates = /^(08\w{3}|57P0[1-5]|57014|25P03|53\w{3}|58\w{3}|25006)$/;

/** Said at once, by a database that answers questions all the same: its disk or memory is used up, its disk fails, or it only reads. */
const refusedWrites = {
  states: /^(53[124]00|58\w{3}|25006)$/,
  words: /could not .*: (read-only file system|no space left on device|disk quota exceeded|file too large|input\/output error)/i,
} as const;

/** Of these nobody knows whether the statement was carried out: the connection broke, or no answer came in time. */
const inDoubt = {
  codes: /^(ECONNRESET|EPIPE|08\w{3}|57P0[12]|P1008|P1017)$/,
  kinds: new Set(['SocketTimeout', 'ConnectionClosed']),
  words: /connection terminated|query read timeout|connection error|not queryable/i,
} as const;

/** What pg, its pool, PGlite and Prisma throw without any code. */
const sentences = [
  /timeout exceeded when trying to connect/i,
  /connection terminated/i,
  /query read timeout/i,
  /client has encountered a connection error/i,
  /cannot use a pool after calling end/i,
  /client was closed and is not queryable/i,
  /pglite is (closed|closing)/i,
  /unable to start a transaction in the given time/i,
  /transaction already closed.*(expired|timeout)/is,
  // PostgreSQL has no code of its own for these: a disk that only reads is "insufficient privilege" to it.
  refusedWrites.words,
  /the database system is (starting up|shutting down|in recovery mode)/i,
];

/** Whether `error`, or what caused it, says that the database could not be reached or did not answer in time. */
export function isDatabaseAway(error: unknown): boolean {
  return chain(error).some((link) => hasAwayCode(link) || hasAwayWords(link));
}

/** pg-pool's word for a connection that was never made. What caused it says what one says that breaks in the middle. */
const neverConnected = /connection terminated due to connection timeout/i;

/** Whether what was asked may have been done all the same: nothing that counts may then be asked a second time. */
export function isPerhapsDone(error: unknown): boolean {
  const links = chain(error);
  if (links.some((link) => neverConnected.test(String(read(link, 'message'))))) return false;
  return links.some((link) => {
    if (inDoubt.kinds.has(String(read(link, 'kind'))) || inDoubt.words.test(String(read(link, 'message')))) return true;
    return ['code', 'originalCode'].some((name) => inDoubt.codes.test(String(read(link, name))));
  });
}

/** Whether the database said at once that nothing can be written now: what only reads may go on. */
export function isWriteRefused(error: unknown): boolean {
  return chain(error).some((link) => {
    if (refusedWrites.words.test(String(read(link, 'message')))) return true;
    return ['code', 'originalCode'].some((name) => refusedWrites.states.test(String(read(link, name))));
  });
}

function hasAwayCode(link: object): boolean {
  const kind = read(link, 'kind');
  if (typeof kind === 'string' && driverKinds.has(kind)) return true;
  return ['code', 'originalCode', 'errorCode'].some((name) => {
    const code = read(link, name);
    return typeof code === 'string' && (prismaCodes.has(code) || sqlStates.test(code) || (socketCodes.has(code) && isFromSocket(link)));
  });
}

/** ENOENT and its kind count only from a network call: a missing file is a bug, not an outage. */
function isFromSocket(link: object): boolean {
  return ['connect', 'read', 'write', 'getaddrinfo'].includes(String(read(link, 'syscall'))) && read(link, 'path') === undefined;
}

function hasAwayWords(link: object): boolean {
  const message = read(link, 'message');
  return typeof message === 'string' && sentences.some((sentence) => sentence.test(message));
}

/** The error, its causes, what Prisma keeps of the driver's error, and the parts of an AggregateError; a ring ends it. */
function chain(error: unknown): object[] {
  const links = new Set<object>();
  const waiting: unknown[] = [error];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null || links.has(next)) continue;
    links.add(next);
    for (const name of ['cause', 'meta', 'driverAdapterError', 'originalError']) waiting.push(read(next, name));
    const errors = read(next, 'errors');
    if (Array.isArray(errors)) waiting.push(...errors.map((part: unknown) => part));
  }
  return [...links];
}

function read(from: object, name: string): unknown {
  return name in from ? (from as Record<string, unknown>)[name] : undefined;
}

/**
 * Preloaded into a real server (`node --import`): kills its process with SIGKILL at a chosen write of a chosen request. A request
 * chooses by its header `x-killed-at: N`: right before its Nth write, or, when it has fewer, once its answer is ready to go.
 * `commit` is its first commit, and `committed` what comes after that. `never` counts alone. The texts of the writes stand on stdout, a line of JSON each request.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Server, ServerResponse } from 'node:http';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

const acting = new AsyncLocalStorage();
const isWrite = /^\s*(BEGIN|COMMIT|INSERT|UPDATE|DELETE|WITH\b.*\bUPDATE\b)/is;

const emit = Server.prototype.emit;
Server.prototype.emit = function (event, request, ...rest) {
  const at = event === 'request' ? request.headers['x-killed-at'] : undefined;
  if (at === undefined) return emit.call(this, event, request, ...rest);
  return acting.run({ at, writes: [] }, () => emit.call(this, event, request, ...rest));
};

const end = ServerResponse.prototype.end;
ServerResponse.prototype.end = function (...given) {
  const act = acting.getStore();
  if (act) {
    if (isDue(act, undefined) || Number(act.at) > act.writes.length) die(act);
    tell(act);
  }
  return end.apply(this, given);
};

function note(text) {
  const act = acting.getStore();
  if (!act || typeof text !== 'string' || !isWrite.test(text)) return;
  if (isDue(act, text)) die(act);
  act.writes.push(text.trim().split(/\s+/).slice(0, 3).join(' '));
}

function isDue({ at, writes }, next) {
  if (at === 'commit') return /^\s*COMMIT/i.test(next ?? '');
  if (at === 'committed') return writes.includes('COMMIT');
  return writes.length + 1 === Number(at) && next !== undefined;
}

/** At once, too, in a process that dies right after: a pipe is written to synchronously. */
function tell({ writes }) {
  process.stdout.write(`${JSON.stringify({ writes })}\n`);
}

function die(act) {
  tell(act);
  process.kill(process.pid, 'SIGKILL');
  // The signal arrives when it likes: nothing of this process may happen after this line.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

for (const prototype of [pg.Client.prototype, PGlite.prototype]) {
  const query = prototype.query;
  prototype.query = function (asked, ...rest) {
    note(typeof asked === 'string' ? asked : asked?.text);
    return query.call(this, asked, ...rest);
  };
}

/** What the embedded database knows by a name: `P` (Parse) names a text, and `B` (Bind), behind its portal, says the name. */
const named = new Map();
const stream = PGlite.prototype.execProtocolStream;
PGlite.prototype.execProtocolStream = function (message, ...rest) {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  for (let at = 0, end; at < bytes.length; at = end) {
    end = at + 1 + bytes.readInt32BE(at + 1);
    const kind = String.fromCharCode(bytes[at]);
    const [first, second] = bytes.toString('utf8', at + 5, end).split('\0');
    if (kind === 'P' && first) named.set(first, second);
    if (kind === 'B' && second) note(named.get(second));
  }
  return stream.call(this, message, ...rest);
};

/** Inside a transaction the embedded database asks through an object of its own, and begins and commits by itself. */
const transaction = PGlite.prototype.transaction;
PGlite.prototype.transaction = function (work) {
  note('BEGIN');
  return transaction.call(this, async (inner) => {
    const asked = inner.query.bind(inner);
    const result = await work(
      Object.assign(Object.create(Object.getPrototypeOf(inner)), inner, {
        query: (text, ...rest) => {
          note(text);
          return asked(text, ...rest);
        },
      }),
    );
    note('COMMIT');
    return result;
  });
};

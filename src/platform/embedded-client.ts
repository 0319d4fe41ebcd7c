/**
 * The embedded database as its adapter sees it. PostgreSQL ends a process that cannot write its log (a full disk, a failing one)
 * by a PANIC, and a server starts it anew. Inside this process nobody does, and what is asked of a PGlite after that never ends
 * and holds the whole process: so it is asked nothing more, and the next question opens the folder again, as a start would.
 */
import type { PGlite, Transaction } from '@electric-sql/pglite';

/** What the adapter uses of a PGlite. */
type EmbeddedClient = Pick<PGlite, 'query' | 'exec' | 'transaction'>;
type Raw = Pick<PGlite, 'execProtocol' | 'execProtocolStream' | 'execProtocolRaw'>;

class BrokenDatabaseError extends Error {
  readonly code = 'EMBEDDED_DATABASE_DOWN';
  constructor(cause: unknown) {
    super('the embedded database is down: its folder cannot be written', { cause });
  }
}

export class ReopeningClient implements EmbeddedClient {
  private opened: Promise<PGlite> | undefined;
  private readonly failed = new WeakMap<object, Error>();

  constructor(
    first: PGlite,
    private readonly open: () => Promise<PGlite>,
  ) {
    this.opened = Promise.resolve(this.watched(first));
  }

  /** The one that is open now; undefined after a PANIC, until somebody asks. */
  get current(): Promise<PGlite> | undefined {
    return this.opened;
  }

  /** The one that is open by then; opened again after a PANIC. */
  ready(): Promise<PGlite> {
    this.opened ??= this.open().then(
      (pglite) => this.watched(pglite),
      (error: unknown) => {
        this.opened = undefined;
        throw new BrokenDatabaseError(error);
      },
    );
    return this.opened;
  }

  query: EmbeddedClient['query'] = async (...given) => (await this.ready()).query(...given);

  exec: EmbeddedClient['exec'] = async (...given) => (await this.ready()).exec(...given);

  transaction = async <Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> => {
    let begun: object | undefined;
    const run = (transaction: Transaction): Promise<Result> => work((begun = transaction));
    const pglite = await this.ready();
    return pglite.transaction(run).catch((error: unknown) => {
      if (begun) this.failed.set(begun, error instanceof Error ? error : new Error(String(error)));
      throw error;
    });
  };

  /** @returns why a transaction was not committed: the adapter keeps that to itself */
  failureOf(transaction: object): Error | undefined {
    return this.failed.get(transaction);
  }

  /** Everything that PGlite asks goes through one of these, one after the other: what waits behind a PANIC is not asked. */
  private watched(pglite: PGlite): PGlite {
    let broken: unknown;
    const watch = <Given extends unknown[], Answer>(ask: (...given: Given) => Promise<Answer>) => {
      return async (...given: Given): Promise<Answer> => {
        if (broken) throw new BrokenDatabaseError(broken);
        try {
          return await ask(...given);
        } catch (error) {
          if (isFatal(error)) {
            broken = error;
            this.opened = undefined;
          }
          throw error;
        }
      };
    };
    const raw: Raw = pglite;
    raw.execProtocol = watch(pglite.execProtocol.bind(pglite));
    raw.execProtocolStream = watch(pglite.execProtocolStream.bind(pglite));
    raw.execProtocolRaw = watch(pglite.execProtocolRaw.bind(pglite));
    return pglite;
  }
}

/** PostgreSQL's own word for it, or WebAssembly that came to its end. */
function isFatal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const severity: unknown = Reflect.get(error, 'severity');
  return severity === 'PANIC' || severity === 'FATAL' || Reflect.get(error, 'name') === 'RuntimeError';
}

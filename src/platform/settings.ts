/** The configuration as the modules see it. */
import type { Config } from './config.js';

export class Settings {
  readonly isHttps: boolean;
  /** As a browser names it: with the port. */
  readonly publicHost: string;
  /** What a code by SMS is bound to: without the port. */
  readonly smsHost: string;
  /** @param isServer false in a command: it does what it was asked for, and nothing of its own accord */
  constructor(
    readonly config: Config,
    readonly isServer = true,
  ) {
    const url = new URL(config.PUBLIC_URL);
    this.isHttps = url.protocol === 'https:';
    this.publicHost = url.host;
    this.smsHost = url.hostname;
  }

  /** How many serve side by side. The embedded database is one process's, whatever a platform sets by itself. */
  get processes(): number {
    return this.config.DATABASE_URL === undefined ? 1 : this.config.WEB_CONCURRENCY;
  }

  /** What every cap is multiplied by: LIMITS=relaxed widens them for automated runs. */
  get leniency(): number {
    return this.config.LIMITS === 'relaxed' ? 100 : 1;
  }
}

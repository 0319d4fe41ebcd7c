/** The configuration as the modules see it. */
import type { Config } from './config.js';

export class Settings {
  readonly isHttps: boolean;
  readonly publicHost: string;
  constructor(readonly config: Config) {
    const url = new URL(config.PUBLIC_URL);
    this.isHttps = url.protocol === 'https:';
    this.publicHost = url.host;
  }

  /** What every cap is multiplied by: LIMITS=relaxed widens them for automated runs. */
  get leniency(): number {
    return this.config.LIMITS === 'relaxed' ? 100 : 1;
  }
}

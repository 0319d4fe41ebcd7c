/** For load balancers: is the process there, and can it work. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OpenToEveryone } from '../sessions/open-to.js';

type Health = { readonly status: 'ok' | 'unavailable' };

class ReadOnlyDatabaseError extends Error {
  readonly code = 'DATABASE_READ_ONLY';
}

@Controller('health')
export class HealthController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {}

  @Get('live')
  @OpenToEveryone()
  live(): Health {
    return { status: 'ok' };
  }

  @Get('ready')
  @OpenToEveryone()
  async ready(@Res({ passthrough: true }) response: Response): Promise<Health> {
    try {
      await this.knock();
      return { status: 'ok' };
    } catch (error) {
      this.log.error('not ready', error);
      response.status(503);
      return { status: 'unavailable' };
    }
  }

  /** A standby answers, and nobody can sign in on it. */
  private async knock(): Promise<void> {
    const [row] = await this.database.$queryRaw<{ isReadOnly: boolean }[]>`
      SELECT current_setting('transaction_read_only')::boolean AS "isReadOnly"`;
    if (row?.isReadOnly) throw new ReadOnlyDatabaseError();
  }
}

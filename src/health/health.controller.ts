/** For load balancers: is the process there, and can it work. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OpenToEveryone } from '../sessions/open-to.js';

type Health = { readonly status: 'ok' | 'unavailable' };

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
      await this.database.$queryRaw`SELECT 1`;
      return { status: 'ok' };
    } catch (error) {
      this.log.error('not ready', error);
      response.status(503);
      return { status: 'unavailable' };
    }
  }
}

/** Development and tests: SMS and mail are kept and shown instead of sent. */
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '../platform/log.js';
import { isLoopback } from '../platform/loopback.js';
import { Settings } from '../platform/settings.js';
import { OutboxController } from './outbox.controller.js';
import { OutboxStore } from './outbox.store.js';

@Module({ controllers: [OutboxController], providers: [OutboxStore], exports: [OutboxStore] })
export class OutboxModule implements OnApplicationBootstrap {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const { outboxAllowed, HOST } = this.settings.config;
    if (outboxAllowed && !isLoopback(HOST)) this.log.warn(`/outbox shows codes to everybody who reaches ${HOST}`);
  }
}

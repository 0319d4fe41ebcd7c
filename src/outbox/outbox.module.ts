/** Development and tests: SMS and mail are kept and shown instead of sent. */
import { Inject, Module } from '@nestjs/common';
import { BackgroundWork } from '../platform/background-work.js';
import { Log } from '../platform/log.js';
import { isLoopback } from '../platform/loopback.js';
import { Settings } from '../platform/settings.js';
import { OutboxController } from './outbox.controller.js';
import { OutboxStore } from './outbox.store.js';

@Module({ controllers: [OutboxController], providers: [OutboxStore], exports: [OutboxStore] })
export class OutboxModule {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
    @Inject(BackgroundWork) background: BackgroundWork,
  ) {
    background.atStart(() => this.warn());
  }

  private warn(): void {
    const { outboxAllowed, HOST } = this.settings.config;
    if (outboxAllowed && !isLoopback(HOST)) this.log.warn(`/outbox shows codes to everybody who reaches ${HOST}`);
  }
}

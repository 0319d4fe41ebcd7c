import { Controller, Get, Inject, NotFoundException, Query } from '@nestjs/common';
import type { Answer } from '../platform/answer.js';
import { Settings } from '../platform/settings.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { outboxList, outboxPage } from './outbox.page.js';
import { OutboxStore } from './outbox.store.js';

const mostShown = 200;

@Controller('outbox')
export class OutboxController {
  constructor(
    @Inject(OutboxStore) private readonly outbox: OutboxStore,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** Codes stand here for anybody to read: where others than the developer may look, there is no such page. */
  @Get()
  @OpenToEveryone()
  async show(@Query('format') format: unknown): Promise<Answer | readonly object[]> {
    if (!this.settings.config.outboxAllowed) throw new NotFoundException();
    const messages = await this.outbox.newest(mostShown);
    return format === 'json' ? outboxList(messages) : outboxPage(messages);
  }
}

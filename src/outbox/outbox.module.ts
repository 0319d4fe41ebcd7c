/** Development and tests: SMS and mail are kept and shown instead of sent. */
import { Module } from '@nestjs/common';
import { OutboxController } from './outbox.controller.js';
import { OutboxStore } from './outbox.store.js';

@Module({ controllers: [OutboxController], providers: [OutboxStore], exports: [OutboxStore] })
export class OutboxModule {}

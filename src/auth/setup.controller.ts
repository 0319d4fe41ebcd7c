import { Body, Controller, Get, Inject, NotFoundException, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Answer } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { setupForm, setupKept } from './setup.form.js';
import { setupPage } from './setup.page.js';
import { Setup } from './setup.service.js';

@Controller('setup')
export class SetupController {
  constructor(
    @Inject(Setup) private readonly setup: Setup,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @OpenToEveryone()
  async show(@Query('token') token: unknown): Promise<Answer> {
    if (typeof token !== 'string' || !(await this.setup.isOpen(token))) throw new NotFoundException();
    return setupPage(token);
  }

  @Post()
  @OpenToEveryone()
  async create(@Query('token') token: unknown, @Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    if (typeof token !== 'string') throw new NotFoundException();
    const form = parseForm(setupForm, body, setupKept);
    if (!form.ok) {
      if (!(await this.setup.isOpen(token))) throw new NotFoundException();
      return setupPage(token, form);
    }
    const result = await this.setup.createOrganization(token, form.value);
    switch (result.outcome) {
      case 'created':
        return this.cookie.follow(response, await this.sessions.open(result.userId, undefined));
      case 'password-refused': {
        const { organizationName, name, username, email } = form.value;
        return setupPage(token, {
          errors: [{ field: 'password', message: result.message }],
          kept: { organizationName, name, username, email },
        });
      }
      case 'dead-link':
        throw new NotFoundException();
    }
  }
}

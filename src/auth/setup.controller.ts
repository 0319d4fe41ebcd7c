import { Body, Controller, Get, Inject, NotFoundException, Post, Query, Res, UnprocessableEntityException } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { parseForm } from '../platform/forms.js';
import { OpenToEveryone } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { pageOfStage } from '../sessions/stage-page.js';
import { Visited, type Visit } from '../sessions/visit.js';
import { setupForm, setupKept } from './setup.form.js';
import { setupPage } from './setup.page.js';
import { Setup } from './setup.service.js';
import { SessionOpening } from './session-opening.service.js';

@Controller('setup')
export class SetupController {
  constructor(
    @Inject(Setup) private readonly setup: Setup,
    @Inject(SessionOpening) private readonly opening: SessionOpening,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @OpenToEveryone()
  async show(@Query('token') token: unknown): Promise<Answer> {
    const given = readToken(token);
    if (!(await this.setup.isOpen(given))) throw new NotFoundException();
    return setupPage(given);
  }

  @Post()
  @OpenToEveryone()
  async create(
    @Visited() { visitorId, address, userAgent }: Visit,
    @Query('token') token: unknown,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const given = readToken(token);
    const form = parseForm(setupForm, body, setupKept);
    if (!form.ok) {
      if (!(await this.setup.isOpen(given))) throw new NotFoundException();
      return setupPage(given, form);
    }
    const result = await this.setup.createOrganization(given, form.value, { address, visitorId });
    switch (result.outcome) {
      case 'created': {
        const rotation = await this.opening.open(result, { visitorId, address, userAgent });
        return rotation ? this.cookie.follow(response, rotation) : new Redirect(pageOfStage.anonymous);
      }
      case 'password-refused': {
        const { organizationName, name, username, email } = form.value;
        return setupPage(given, {
          errors: [{ field: 'password', message: result.message }],
          kept: { organizationName, name, username, email },
        });
      }
      case 'dead-link':
        throw new NotFoundException();
    }
  }
}

function readToken(token: unknown): string {
  if (typeof token === 'string') return token;
  throw token === undefined ? new NotFoundException() : new UnprocessableEntityException();
}

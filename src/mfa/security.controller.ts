import { Controller, Get, Query } from '@nestjs/common';
import type { Answer } from '../platform/answer.js';
import { OpenTo } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { securityPage } from './security.page.js';

@Controller('profile/security')
export class SecurityController {
  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() { member }: MemberVisit, @Query('done') done: unknown): Answer {
    return securityPage(member, done);
  }
}

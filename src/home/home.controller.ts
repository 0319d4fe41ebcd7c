import { Controller, Get } from '@nestjs/common';
import type { Answer } from '../platform/answer.js';
import { OpenTo } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { homePage } from './home.page.js';

@Controller()
export class HomeController {
  @Get()
  @OpenTo('signedIn')
  show(@MemberVisited() { member }: MemberVisit): Answer {
    return homePage(member);
  }
}

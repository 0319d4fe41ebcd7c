/** Organization > People. */
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Answer } from '../platform/answer.js';
import { OpenToManagers } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { PeopleList } from './people-list.service.js';
import { readPeopleQuery } from './people.query.js';

const withDone = z.looseObject({ done: z.unknown().optional() });

@Controller('organization/people')
export class PeopleController {
  constructor(@Inject(PeopleList) private readonly people: PeopleList) {}

  @Get()
  @OpenToManagers()
  show(@MemberVisited() visit: MemberVisit, @Query() query: unknown): Promise<Answer> {
    return this.people.show(visit, readPeopleQuery(query), { done: withDone.safeParse(query).data?.done });
  }
}

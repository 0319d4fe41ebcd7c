/** Organization > People. */
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Answer } from '../platform/answer.js';
import { refuseRepeated } from '../platform/forms.js';
import { OpenToAct, OpenToManagers } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { PeopleExport } from './people-export.service.js';
import { PeopleList } from './people-list.service.js';
import { readPeopleQuery } from './people.query.js';

const withDone = z.looseObject({ done: z.unknown().optional() });

@Controller('organization/people')
export class PeopleController {
  constructor(
    @Inject(PeopleList) private readonly people: PeopleList,
    @Inject(PeopleExport) private readonly file: PeopleExport,
  ) {}

  @Get()
  @OpenToManagers()
  show(@MemberVisited() visit: MemberVisit, @Query() query: unknown): Promise<Answer> {
    return this.people.show(visit, readPeopleQuery(query), { done: withDone.safeParse(query).data?.done });
  }

  /** A post, because that somebody took the list away stands on record. */
  @Post('export')
  @OpenToAct('people-export')
  async export(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    refuseRepeated(body);
    return this.file.export(visit, readPeopleQuery(body));
  }
}

/** The rooms, wired. */
import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { HealthModule } from './health/health.module.js';
import { HomeModule } from './home/home.module.js';
import { MailModule } from './mail/mail.module.js';
import { MfaModule } from './mfa/mfa.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PeopleModule } from './people/people.module.js';
import { AnswerInterceptor } from './platform/answer.js';
import { ErrorFilter } from './platform/error.filter.js';
import { formBody, longFormBody } from './platform/form-body.js';
import { type Foundation, PlatformModule } from './platform/platform.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { StageGuard } from './sessions/stage.guard.js';
import { TwinPostInterceptor } from './sessions/twin-post.interceptor.js';
import { VisitMiddleware } from './sessions/visit.middleware.js';
import { SmsModule } from './sms/sms.module.js';
import { UsersModule } from './users/users.module.js';

@Module({
  imports: [
    AuditModule,
    SessionsModule,
    UsersModule,
    MailModule,
    SmsModule,
    OutboxModule,
    OrganizationsModule,
    MfaModule,
    AuthModule,
    PeopleModule,
    HomeModule,
    HealthModule,
  ],
  providers: [
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_GUARD, useClass: StageGuard },
    // The order matters: the first one is the outer one, so that what the second returns is sent.
    { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
    { provide: APP_INTERCEPTOR, useClass: TwinPostInterceptor },
  ],
})
export class AppModule implements NestModule {
  static on(foundation: Foundation): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.on(foundation)] };
  }

  configure(consumer: MiddlewareConsumer): void {
    // Health checks come often and must answer while the database is away, and receipts come from a machine: nobody is looked up.
    const unknown = ['health/*path', 'sms/receipts'];
    consumer.apply(longFormBody).forRoutes('organization/configuration');
    consumer
      .apply(formBody)
      .exclude(...unknown, 'organization/configuration')
      .forRoutes('{*path}');
    consumer
      .apply(VisitMiddleware)
      .exclude(...unknown)
      .forRoutes('{*path}');
  }
}
